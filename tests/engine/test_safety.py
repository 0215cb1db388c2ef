"""Every preview and every image passes the screen before it leaves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from PIL import Image

from models.catalogue import LocalModel, find_models
from models.engine.api import ImageBlocked, ImageTask
from models.engine.engine import Engine
from models.safety import ALLOWED, Verdict, allow, screen_of, studio_screen
from tests.engine.stock import make_request


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model with a safety checker of random weights."""
    from models.tiny import build_tiny_model

    return build_tiny_model(tmp_path_factory.mktemp("checked") / "tiny", safety_checker=True)


@pytest.fixture
def force(checked: Path) -> Iterator[object]:
    """Rewrite the checker's weights so that it always (-1) or never (9) objects."""
    from safetensors.torch import load_file, save_file

    file = checked / "safety_checker" / "model.safetensors"
    original = file.read_bytes()

    def write(threshold: float) -> None:
        weights = load_file(file)
        for name in ("concept_embeds_weights", "special_care_embeds_weights"):
            weights[name].fill_(threshold)
        save_file(weights, file, metadata={"format": "pt"})

    yield write
    file.write_bytes(original)


def test_the_models_own_checker_decides(checked: Path, force) -> None:
    image = Image.new("RGB", (32, 32), "red")
    force(-1)
    verdict = screen_of(checked, torch.device("cpu"))(image)
    assert not verdict.allowed
    assert verdict.reason
    assert image.getpixel((3, 3)) == (255, 0, 0)
    force(9)
    assert screen_of(checked, torch.device("cpu"))(image) == ALLOWED


def test_blocked_images_and_previews_stay(checked: Path, force) -> None:
    force(-1)
    engine = Engine(find_models([checked.parent]), device="cpu")
    previews: list[Image.Image | None] = []
    task = ImageTask(
        request=make_request(), on_progress=lambda _done, _total, preview: previews.append(preview())
    )
    assert isinstance(engine.submit(task).exception(), ImageBlocked)
    assert previews == [None] * 6
    engine.close()


def test_allowed_images_leave(checked: Path, force) -> None:
    force(9)
    engine = Engine(find_models([checked.parent]), device="cpu")
    assert not engine.submit(ImageTask(request=make_request(), keep_flagged=True)).result().flagged
    engine.close()


def test_the_engines_own_screen_is_asked_too(models: list[LocalModel]) -> None:
    def refuse_all(_image: Image.Image) -> Verdict:
        return Verdict(allowed=False, reason="not today")

    engine = Engine(models, device="cpu", screen=refuse_all)
    with pytest.raises(ImageBlocked, match="not today"):
        engine.submit(ImageTask(request=make_request())).result()
    engine.close()


def test_flagged_images_leave_where_they_are_kept(checked: Path, force) -> None:
    force(-1)
    engine = Engine(find_models([checked.parent]), device="cpu")
    kept, blocked = (
        engine.submit(ImageTask(request=make_request(), keep_flagged=keep)) for keep in (True, False)
    )
    assert kept.result().flagged
    assert isinstance(blocked.exception(), ImageBlocked)
    engine.close()


def test_one_checker_screens_all_models(checked: Path, force, tmp_path: Path) -> None:
    device = torch.device("cpu")
    assert studio_screen([tmp_path], device) is allow
    (tmp_path / "safety").symlink_to(checked)
    force(-1)
    assert not studio_screen([tmp_path], device)(Image.new("RGB", (32, 32), "red")).allowed
