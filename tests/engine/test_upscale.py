"""The engine's upscaling: tiles without seams, sizes as asked, detail that scaling alone does not bring."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from core.addon_spec import AddonKind
from core.parameters import parameters_text
from core.request import Request
from core.stages import EncodeText, LoadImage, Upscale
from models.addons import find_addons
from models.catalogue import find_models
from models.engine.api import ImageCancelled, ImageFailed, ImageTask
from models.engine.engine import Engine
from models.engine.slices import whole
from models.files.header import BadWeights, read_header
from models.starter.renderer import draw
from models.starter.scenes import one_thing
from models.upscalers import tiles
from models.upscalers.files import factor_of
from models.upscalers.rrdb import RRDBNet, load_rrdb
from tests.engine.stock import make_request

STARTER = Path("models/starter/weights")
_SHA = "a" * 64


@pytest.fixture(scope="module")
def engine():
    engine = Engine(find_models([STARTER]), addons=find_addons([STARTER]), device="cpu")
    yield engine
    engine.close()


def _task(picture: Image.Image, scale: int = 2) -> ImageTask:
    (known,) = [one for one in find_addons([STARTER]) if one.spec.kind is AddonKind.UPSCALER]
    stages = (LoadImage(image=_SHA), Upscale(upscaler=known.spec.name, scale=scale))
    return ImageTask(request=Request(model="starter", seed=1, stages=stages), inputs={_SHA: picture})


def _psnr(one: Image.Image, other: Image.Image) -> float:
    difference = np.asarray(one, np.float64) - np.asarray(other, np.float64)
    return float(20 * np.log10(255 / np.sqrt((difference**2).mean())))


def _difference(one: Image.Image, other: Image.Image) -> int:
    """The largest, in 8-bit values."""
    assert one.size == other.size
    return int(np.abs(np.asarray(one).astype(int) - np.asarray(other)).max())


def test_an_enlarged_picture_is_nearer_to_the_true_one_than_a_scaled_one(engine: Engine) -> None:
    """The trained upscaler is 4 dB better than bicubic scaling: here over twelve drawn pictures."""
    gains = []
    for seed in range(12):
        true = draw(one_thing(Random(seed)))
        small = true.resize((64, 64), Image.Resampling.BOX)
        ours = engine.submit(_task(small)).result().image
        assert ours.size == true.size
        gains.append(_psnr(ours, true) - _psnr(small.resize((128, 128), Image.Resampling.BICUBIC), true))
    assert np.mean(gains) >= 4


def test_more_than_the_networks_factor_is_made_in_passes(engine: Engine) -> None:
    assert engine.submit(_task(Image.new("RGB", (40, 24), "teal"), scale=3)).result().image.size == (120, 72)


def test_it_needs_no_model_and_its_words_are_only_told(engine: Engine) -> None:
    task = _task(Image.effect_noise((40, 24), 90).convert("RGB"))
    words = EncodeText(prompt="a fox")
    request = replace(task.request, model="", stages=(words, *task.request.stages))
    made = engine.submit(replace(task, request=request)).result()
    assert made.image.tobytes() == engine.submit(task).result().image.tobytes()
    (known,) = [one for one in find_addons([STARTER]) if one.spec.kind is AddonKind.UPSCALER]
    assert made.recipe.weights_hash == known.spec.weights_hash
    assert "a fox" in (told := parameters_text(made.recipe)) and "Model" not in told


def test_what_would_be_too_large_is_refused(engine: Engine) -> None:
    with pytest.raises(ImageFailed, match="16400x16"):
        engine.submit(_task(Image.new("RGB", (8200, 8)))).result()


def test_tiles_leave_no_seams(monkeypatch: pytest.MonkeyPatch) -> None:
    network = load_rrdb(next((STARTER / "upscaler").glob("*.safetensors")))
    picture = draw(one_thing(Random(3)))
    with torch.inference_mode():
        at_once = whole(tiles.enlarge(network, picture, (256, 256)))
        monkeypatch.setattr(tiles, "TILE", 48)
        tiled = whole(tiles.enlarge(network, picture, (256, 256)))
    assert _difference(at_once, tiled) <= 1


def test_what_is_too_large_is_scaled_down_tile_by_tile(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the whole were, though that is never there."""
    torch.manual_seed(0)
    network = RRDBNet(width=8, growth=4, blocks=1)
    picture = draw(one_thing(Random(3))).resize((100, 90))
    scaled: list[int] = []

    def resize(self: Image.Image, *given: object, **options: object) -> Image.Image:
        scaled.append(max(self.size))
        return original(self, *given, **options)

    original = Image.Image.resize
    with torch.inference_mode():
        monkeypatch.setattr(tiles, "TILE", 48)
        large = whole(tiles.enlarge(network, picture, (400, 360)))
        monkeypatch.setattr(Image.Image, "resize", resize)
        halved = whole(tiles.enlarge(network, picture, (200, 180)))
    assert 0 < max(scaled) <= 4 * (48 + 2 * 3)
    assert _difference(original(large, (200, 180), Image.Resampling.LANCZOS), halved) <= 1


def test_others_have_their_turns_meanwhile_and_it_can_be_cancelled(engine: Engine) -> None:
    """Were it one piece, no sign of life would come either, and the watchdog would end the worker."""
    task = _task(Image.new("RGB", (600, 500), "teal"))
    large = engine.submit(task)
    small = engine.submit(ImageTask(request=replace(make_request(steps=2), model="starter")))
    assert small.result().image and not large.done()
    task.cancelled.set()
    with pytest.raises(ImageCancelled):
        large.result(timeout=10)


@pytest.mark.parametrize(("doublings", "fold", "factor"), [(2, 1, 4), (2, 2, 2), (1, 1, 2)])
def test_the_factor_is_read_off_the_file(tmp_path: Path, doublings: int, fold: int, factor: int) -> None:
    net = RRDBNet(width=8, growth=4, blocks=1, doublings=doublings, fold=fold)
    save_file(net.state_dict(), tmp_path / "net.safetensors")
    assert factor_of(read_header(tmp_path / "net.safetensors")) == factor
    with torch.inference_mode():
        network, size = load_rrdb(tmp_path / "net.safetensors"), (13 * factor, 7 * factor)
        assert whole(tiles.enlarge(network, Image.new("RGB", (13, 7)), size)).size == size


def test_esrgans_first_spelling_is_read_too(tmp_path: Path) -> None:
    net = RRDBNet(width=8, growth=4, blocks=2)
    old = {}
    ends = {"conv_first": 0, "conv_up1": 3, "conv_up2": 6, "conv_hr": 8, "conv_last": 10}
    for name, tensor in net.state_dict().items():
        parts = name.split(".")
        if parts[0] == "body":
            new = f"model.1.sub.{parts[1]}.{parts[2].upper()}.{parts[3]}.0.{parts[4]}"
        elif parts[0] == "conv_body":
            new = f"model.1.sub.2.{parts[1]}"
        else:
            new = f"model.{ends[parts[0]]}.{parts[1]}"
        old[new] = tensor
    save_file(old, tmp_path / "old.safetensors")

    found = load_rrdb(tmp_path / "old.safetensors").state_dict()

    assert all(torch.equal(found[name], tensor) for name, tensor in net.state_dict().items())


def test_what_is_no_upscaler_is_refused(tmp_path: Path) -> None:
    save_file({"conv_first.weight": torch.zeros(8, 3, 3, 3)}, tmp_path / "no.safetensors")
    with pytest.raises(BadWeights, match="no upscaler"):
        factor_of(read_header(tmp_path / "no.safetensors"))
