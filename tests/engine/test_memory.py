"""Pictures in less memory: the same bits, or told otherwise; tiles without seams; previews by a tiny VAE."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from core.recipe import drift
from core.request import Request
from models.addons import find_addons
from models.catalogue import LocalModel
from models.engine.api import FinishedImage, ImageBlocked, ImageTask
from models.engine.engine import Engine
from models.engine.images import ImageRun
from models.engine.placement import Part, Placement
from models.engine.sparing import sliced_attention
from models.engine.stages import go_on
from models.plans import Way
from models.safety import Verdict
from tests.engine.plans import drawn
from tests.engine.stock import given, make_picture_request, make_request, make_starter_request


@contextmanager
def engine_on(*models: LocalModel, **options: object) -> Iterator[Engine]:
    engine = Engine(models, device="cpu", **options)  # type: ignore[arg-type]
    try:
        yield engine
    finally:
        engine.close()


def draw(model: LocalModel, request: Request, **options: object) -> FinishedImage:
    with engine_on(model) as engine:
        return engine.submit(ImageTask(request=request, **options)).result()  # type: ignore[arg-type]


@pytest.mark.parametrize("way", [Way.SLICED, Way.OFFLOADED])
def test_the_same_bytes(models: list[LocalModel], way: Way) -> None:
    plain = draw(models[0], make_request("a (red:1.2) circle"))
    sparing = draw(drawn(models[0], way), make_request("a (red:1.2) circle"))
    assert sparing.png() == plain.png()
    assert not sparing.recipe.fingerprint.tiled


def test_attention_is_cut_to_heads_and_stays_the_same() -> None:
    query, key, value = (torch.randn(2, 4, tokens, 8) for tokens in (30, 20, 20))
    mask = torch.randn(2, 1, 1, 20)
    attend = torch.nn.functional.scaled_dot_product_attention
    whole = attend(query, key, value, attn_mask=mask, dropout_p=0.0)
    seen: list[torch.Size] = []

    class _Watch(torch.overrides.TorchFunctionMode):
        def __torch_function__(self, func, types, args=(), kwargs=None):
            if func is attend:
                seen.append(args[0].shape)
            return func(*args, **(kwargs or {}))

    with _Watch(), sliced_attention(True):
        sliced = attend(query, key, value, attn_mask=mask, dropout_p=0.0)
    assert torch.equal(sliced, whole)
    assert seen == [torch.Size((1, 1, 30, 8))] * 8


def test_only_the_part_that_works_lies_on_the_device(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = {part: [torch.nn.Linear(1, 1)] for part in Part}
    placement = Placement(torch.device("meta"), parts)

    def there() -> set[Part]:
        return {part for part, (network,) in parts.items() if network.weight.is_meta}

    placement.alone = True
    placement.bring(Part.TEXT)
    assert there() == placement.there == {Part.TEXT}
    # What was on this device is gone for good: "meta" keeps no numbers. A card's come back.
    monkeypatch.setattr(torch.nn.Linear, "to", lambda network, device: network.to_empty(device=device))
    placement.bring(Part.UNET)
    assert there() == placement.there == {Part.UNET}
    placement.alone = False
    placement.bring(Part.VAE)
    assert there() == placement.there == set(Part)


def test_offloading_moves_each_part_for_its_turn(
    models: list[LocalModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    alone: list[frozenset[Part]] = []
    bring = Placement.bring

    def watched(placement: Placement, part: Part) -> None:
        bring(placement, part)
        alone.append(placement.there)

    monkeypatch.setattr(Placement, "bring", watched)
    draw(drawn(models[0], Way.OFFLOADED), make_request())
    order = [part for place, part in enumerate(alone) if place == 0 or alone[place - 1] != part]
    assert order == [{Part.TEXT}, {Part.UNET}, {Part.VAE}]
    alone.clear()
    draw(models[0], make_request())
    assert set(alone) == {frozenset(Part)}


def test_tiles_show_no_seams_and_say_so(starter: LocalModel) -> None:
    side = 2 * starter.spec.native_side
    request = make_starter_request(starter, width=side, height=side, steps=4)
    whole, tiled = draw(starter, request), draw(drawn(starter, Way.TILED), request)
    assert not whole.recipe.fingerprint.tiled and tiled.recipe.fingerprint.tiled
    one, other = (np.asarray(image.image, np.float64) for image in (whole, tiled))
    assert 0 < np.abs(one - other).mean() < 3.0
    # Steps from column to column where tiles meet (every 96 pixels) are as in the picture made whole.
    seams = [96, 192]
    for axis in (0, 1):
        steps, usual = (np.abs(np.diff(picture, axis=axis)) for picture in (other, one))
        rise = np.take(steps, seams, axis=axis).mean() - np.take(usual, seams, axis=axis).mean()
        assert rise < 1.5


def test_each_tile_of_the_autoencoder_is_a_slice_of_work(
    starter: LocalModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two others have their turns, and there is a sign of life."""
    worked: Counter[str] = Counter()

    def go_on_counted(run: ImageRun) -> None:
        worked[run.stages[0].kind] += 1
        go_on(run)

    monkeypatch.setattr("models.engine.loop.go_on", go_on_counted)
    drawn_anew = make_picture_request(width=288, height=160, steps=1, strength=1.0)
    request = replace(drawn_anew, model=starter.spec.name)
    with engine_on(drawn(starter, Way.TILED)) as engine:
        engine.submit(ImageTask(request=request, inputs=given(288, 160))).result()
    # Three by two tiles of 128 pixels that share a quarter, and what puts them together.
    assert worked["encode_image"] == worked["decode"] == 3 * 2 + 1


@pytest.mark.parametrize(("scale", "tiling"), [(2, False), (1, True)])
def test_a_rerun_follows_tiles_or_tells(starter: LocalModel, scale: int, tiling: bool) -> None:
    """A texture is another in tiles even at the native size."""
    side = scale * starter.spec.native_side
    request = make_starter_request(starter, width=side, height=side, steps=2, tiling=tiling)
    small = drawn(starter, Way.TILED)
    tiled = draw(small, request)
    # On a machine with more memory too.
    for machine in (small, starter):
        again = draw(machine, request, replay=tiled.recipe)
        assert again.png() == tiled.png() and drift(tiled.recipe, again.recipe) is None
    whole = draw(starter, request)
    assert whole.png() != tiled.png()
    told = drift(whole.recipe, draw(small, request, replay=whole.recipe).recipe)
    assert told is not None and "room there is in memory" in told


def test_edges_fit_together_across_tiles(starter: LocalModel) -> None:
    side = 2 * starter.spec.native_side
    request = make_starter_request(starter, width=side, height=side, steps=4, tiling=True)
    pictures = [draw(model, request).image for model in (starter, drawn(starter, Way.TILED))]
    one, other = (np.asarray(picture, np.float64) for picture in pictures)
    assert one.shape == other.shape
    assert np.abs(one - other).mean() < 3.0
    for axis in (0, 1):
        first, last = (np.take(other, place, axis=axis) for place in (0, -1))
        inside = np.abs(np.diff(other, axis=axis)).mean()
        assert np.abs(first - last).mean() < inside + 3.0


@pytest.fixture
def tiny_vae(tmp_path: Path) -> Callable[..., Path]:
    """Writes an AutoencoderTiny, folder or single file, into a model directory; returns the directory."""

    def write(name: str, *, file: bool = False) -> Path:
        from diffusers.models import AutoencoderTiny
        from safetensors.torch import save_file

        torch.manual_seed(0)
        vae = AutoencoderTiny()
        if file:
            (tmp_path / "preview-vae").mkdir(exist_ok=True)
            save_file(vae.state_dict(), tmp_path / "preview-vae" / f"{name}.safetensors")
        else:
            vae.save_pretrained(tmp_path / "preview-vae" / name)
        return tmp_path

    return write


@pytest.mark.parametrize("file", [False, True])
def test_a_tiny_autoencoder_shows_what_is_under_way(
    models: list[LocalModel], tiny_vae: Callable[..., Path], file: bool
) -> None:
    addons = find_addons([tiny_vae("taesd", file=file)])
    assert ("preview-vae", "sd1") in [(addon.spec.kind, addon.spec.architecture) for addon in addons]
    shown: dict[bool, list[Image.Image | None]] = {True: [], False: []}
    made = []
    for with_it, previews in shown.items():
        with engine_on(models[0], addons=addons if with_it else []) as engine:
            task = ImageTask(
                request=make_request(),
                on_progress=lambda _done, _all, preview, seen=previews: seen.append(preview()),
            )
            made.append(engine.submit(task).result())
    # The finished picture and its recipe know nothing of it.
    assert made[0].png() == made[1].png()
    assert len(shown[True]) == len(shown[False]) == 6 and None not in shown[True]
    assert all(one.tobytes() != other.tobytes() for one, other in zip(*shown.values(), strict=True))


def test_another_familys_is_not_used_and_the_screen_comes_first(
    models: list[LocalModel], tiny_vae: Callable[..., Path]
) -> None:
    addons = find_addons([tiny_vae("taesdxl")])
    previews: list[Image.Image | None] = []

    def task() -> ImageTask:
        return ImageTask(request=make_request(), on_progress=lambda *told: previews.append(told[2]()))

    with engine_on(models[0], addons=addons) as engine, pytest.MonkeyPatch.context() as patch:
        patch.setattr("models.files.preview_vae.load_preview_vae", None)
        engine.submit(task()).result()
    assert None not in previews
    previews.clear()
    both = find_addons([tiny_vae("taesd")])
    blocked = Verdict(allowed=False, reason="No.")
    with engine_on(models[0], addons=both, screen=lambda _image: blocked) as engine:
        assert isinstance(engine.submit(task()).exception(), ImageBlocked)
    assert previews == [None] * 6
