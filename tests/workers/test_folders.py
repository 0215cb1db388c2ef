"""Models and add-ons that are dropped in or taken out while a worker runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

from core.addon_spec import AddonKind, AddonSpec
from db.addons import addons_available
from tests.model_specs import model_spec
from tests.workers.workplace import Workplace
from workers.__main__ import _models_check
from workers.folders import FolderWatch

_EVERY_S = 0.1


def _eventually(holds: Callable[[], bool], within_s: float = 20.0) -> bool:
    deadline = time.monotonic() + within_s
    while not holds() and time.monotonic() < deadline:
        time.sleep(_EVERY_S / 5)
    return holds()


def test_a_half_copied_file_waits_until_it_stops_growing(tmp_path: Path) -> None:
    file = tmp_path / "lora" / "ink.safetensors"
    file.parent.mkdir()
    sizes: list[int] = []
    watch = FolderWatch([tmp_path], lambda: sizes.append(file.stat().st_size))
    with file.open("wb", buffering=0) as copy:
        for _ in range(5):
            copy.write(b"x" * 100)
            watch._look()
    assert not sizes
    watch._look()
    watch._look()
    assert sizes == [500]


def test_what_goes_is_told_and_downloads_under_way_are_not(tmp_path: Path) -> None:
    file = tmp_path / "vae" / "soft.safetensors"
    file.parent.mkdir()
    file.write_bytes(b"weights")
    told = threading.Event()
    watch = FolderWatch([tmp_path, tmp_path / "absent"], told.set, every_s=_EVERY_S)
    watch.start()
    try:
        hidden = tmp_path / ".fetch" / "part"
        hidden.parent.mkdir()
        hidden.write_bytes(b"half")
        assert not told.wait(10 * _EVERY_S)
        file.unlink()
        assert told.wait(20)
    finally:
        watch.close()


def test_trouble_does_not_end_the_watch(tmp_path: Path) -> None:
    calls: list[int] = []

    def changed() -> None:
        calls.append(1)
        raise OSError("the disk is away")

    watch = FolderWatch([tmp_path], changed, every_s=_EVERY_S)
    watch.start()
    try:
        for count in (1, 2):
            (tmp_path / f"{count}.safetensors").write_bytes(b"weights")
            assert _eventually(lambda count=count: len(calls) == count)
    finally:
        watch.close()


def test_a_model_that_came_later_makes_a_worker_well_and_offers_its_add_ons(workplace: Workplace) -> None:
    upscaler = AddonSpec(kind=AddonKind.UPSCALER, name="fine", title="Fine")
    presence = workplace.presence
    for specs in ([], [model_spec()]):
        presence.offer(specs, [upscaler])
        presence.refresh()
        assert _models_check(presence).ok is bool(specs)
        with workplace.database.read() as session:
            # An add-on alone has nothing to work beside.
            assert bool(addons_available(session, AddonKind.UPSCALER)) is bool(specs)
