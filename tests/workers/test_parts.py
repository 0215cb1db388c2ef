"""The small parts of a worker by themselves: place, watchdog, patience, grid."""

from __future__ import annotations

import io
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from PIL import Image

from core.errors import ObjectMissing, StorageError
from core.request import Axis
from workers.grid import grid_webp
from workers.patience import keep_trying
from workers.slot import Slot
from workers.watchdog import EXIT_STATUS, Watchdog

HOLD = "import sys; from pathlib import Path; from workers.slot import Slot; \
slot = Slot(Path(sys.argv[1]), 'worker'); print(slot.process_name, slot.holder_id, flush=True); \
sys.stdin.read()"
HANG = "import time; from workers.watchdog import Watchdog; \
Watchdog(lambda: 0.0, 0.1).start(); time.sleep(30)"


def test_each_process_has_a_place_of_its_own_and_a_dead_ones_is_free(tmp_path: Path) -> None:
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdout is not None
    name, dead_holder = other.stdout.readline().split()
    assert name == "worker"
    slot = Slot(tmp_path, "worker")
    assert slot.process_name == "worker-2"
    assert Slot(tmp_path, "keeper").process_name == "keeper"
    other.send_signal(signal.SIGKILL)
    other.communicate()
    heir = Slot(tmp_path, "worker")
    assert heir.process_name == "worker"
    assert heir.holder_id == dead_holder != slot.holder_id
    heir.close()
    slot.close()


def test_machines_of_one_host_name_are_told_apart(tmp_path: Path) -> None:
    """As containers that a user named alike: a worker must not take another's jobs for its predecessor's."""
    here, there = Slot(tmp_path / "here", "worker"), Slot(tmp_path / "there", "worker")
    assert here.process_name == there.process_name
    assert here.holder_id != there.holder_id
    here.close()
    there.close()


def test_the_watchdog_ends_a_process_whose_engine_is_silent() -> None:
    ended = threading.Event()
    last_tick = time.monotonic()
    watchdog = Watchdog(lambda: last_tick, limit_s=0.2, end_process=ended.set)
    watchdog.start()
    assert ended.wait(5)
    assert time.monotonic() - last_tick > 0.2
    watchdog.close()


def test_the_watchdog_leaves_a_ticking_engine_alone() -> None:
    ended = threading.Event()
    watchdog = Watchdog(time.monotonic, limit_s=0.1, end_process=ended.set)
    watchdog.start()
    assert not ended.wait(0.5)
    watchdog.close()


def test_the_watchdogs_end_is_final() -> None:
    assert subprocess.run([sys.executable, "-c", HANG], timeout=25, check=False).returncode == EXIT_STATUS


def test_patience_ends_with_success_or_when_it_is_told() -> None:
    troubles = [StorageError("down"), StorageError("still down")]

    def act() -> str:
        if troubles:
            raise troubles.pop()
        return "stored"

    assert keep_trying(act, may_go_on=lambda: True) == "stored"
    troubles.append(StorageError("down"))
    with pytest.raises(StorageError):
        keep_trying(act, may_go_on=lambda: False)


def test_patience_is_for_what_passes() -> None:
    def missing() -> None:
        raise ObjectMissing("gone")

    with pytest.raises(ObjectMissing):
        keep_trying(missing, may_go_on=lambda: True)


@pytest.mark.parametrize(("count", "size"), [(2, (132, 64)), (3, (132, 132)), (4, (132, 132))])
def test_the_grid_shows_every_image_in_its_order(count: int, size: tuple[int, int]) -> None:
    colours = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0)]
    data, said = grid_webp([Image.new("RGB", (64, 64), colour) for colour in colours[:count]])
    with Image.open(io.BytesIO(data)) as grid:
        assert grid.size == said == size
        for position, colour in enumerate(colours[:count]):
            row, column = divmod(position, 2)
            pixel = grid.convert("RGB").getpixel((column * 68 + 32, row * 68 + 32))
            assert all(abs(mine - theirs) < 12 for mine, theirs in zip(pixel, colour, strict=True))


def test_images_of_different_sizes_lie_in_the_middle_of_their_cells() -> None:
    images = [Image.new("RGB", size, "white") for size in ((64, 32), (32, 96))]
    data, size = grid_webp(images)
    assert size == (2 * 64 + 4, 96)
    with Image.open(io.BytesIO(data)) as grid:
        shown = [
            grid.convert("L").getpixel(place) for place in ((32, 48), (32, 8), (68 + 32, 8), (68 + 4, 48))
        ]
    assert [isinstance(value, int) and value > 200 for value in shown] == [True, False, True, False]


def test_a_grid_with_axes_has_room_for_their_values() -> None:
    axes = (Axis(name="guidance", values=("2", "4.5")), Axis(name="steps", values=("10", "20", "30")))
    images = [Image.new("RGB", (64, 64), (40 * number, 0, 0)) for number in range(6)]
    data, (width, height) = grid_webp(images, axes)
    left, top = width - (3 * 68 - 4), height - (2 * 68 - 4)
    with Image.open(io.BytesIO(data)) as grid:
        assert grid.size == (width, height)
        pixel = grid.convert("RGB").getpixel((left + 2 * 68 + 32, top + 68 + 32))
        label = grid.convert("L").crop((0, top, left, top + 64)).point(lambda value: 255 * (value > 128))
    assert isinstance(pixel, tuple) and abs(pixel[0] - 200) < 12
    # It can be read beside pictures as small as these: figures are about two thirds of a letter's height.
    box = label.getbbox()
    assert box is not None and box[3] - box[1] >= 8 and 60 <= box[2] - box[0] < left
