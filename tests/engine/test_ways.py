"""Further ways to denoise: hires fix, tiling, variations, eta, shares of a schedule, several models."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch.nn.functional import interpolate

from core.request import Request
from core.stages import Decode, Denoise, EncodeImage, ResizeLatents, Variation
from models.catalogue import find_models
from models.engine.api import ImageTask, UnknownModel
from models.engine.engine import Engine
from models.engine.noise import slerp
from tests.engine.stock import Stock, are_equal, assert_same_picture, circular, make_request

_LARGE = {"width": 64, "height": 64}


def _make(engine: Engine, request: Request, index: int = 0) -> Image.Image:
    return engine.submit(ImageTask(request=request, index=index)).result().image


def _hires(**denoise: Any) -> Request:
    """Twice the size, over latents."""
    small = make_request(**denoise)
    text, first, decode = small.stages
    again = replace(first, strength=0.6, **_LARGE)
    return replace(small, stages=(text, first, ResizeLatents(**_LARGE), again, decode))


def _over_pixels(**denoise: Any) -> Request:
    """Twice the size, over the picture."""
    small = make_request(**denoise)
    text, first, decode = small.stages
    again = replace(first, strength=0.6, **_LARGE)
    return replace(small, stages=(text, first, decode, EncodeImage(image=None, **_LARGE), again, Decode()))


def _split(at: float, *, model: str | None = None, **denoise: Any) -> Request:
    """One schedule in two stages, the second on another model if one is named."""
    whole = make_request(**denoise)
    text, stage, decode = whole.stages
    halves = replace(stage, end=at), replace(stage, start=at, model=model)
    return replace(whole, stages=(text, *halves, decode))


@pytest.mark.parametrize("sampler", ["Euler", "Euler a", "DPM++ SDE"])
def test_hires_fix(engine: Engine, stock: Stock, sampler: str) -> None:
    request = _hires(sampler=sampler)
    seen: list[int] = []
    task = ImageTask(request=request, on_progress=lambda done, *_: seen.append(done))
    ours = engine.submit(task).result().image
    assert ours.size == (64, 64)
    assert seen == list(range(1, request.unet_calls + 1))
    for seed, same in ((request.seed, True), (request.seed + 1, False)):
        generator = torch.Generator().manual_seed(seed)
        options = {"generator": generator, "output_type": "latent"}
        latents = stock.make(make_request(sampler=sampler), seed, **options)
        larger = interpolate(latents[None], scale_factor=2, mode="bilinear", align_corners=False)
        theirs = stock.make(request, seed, generator=generator, image=larger)
        assert are_equal(ours, theirs) is same


def test_hires_fix_over_pixels(engine: Engine, stock: Stock) -> None:
    request = _over_pixels()
    generator = torch.Generator().manual_seed(request.seed)
    small = stock.make(make_request(), generator=generator)
    image = small.resize((64, 64), Image.Resampling.LANCZOS)
    assert are_equal(_make(engine, request), stock.make(request, generator=generator, image=image))


def test_tiling_stays_in_its_lane(engine: Engine, stock: Stock) -> None:
    """Tiled and plain pictures side by side, each as the stock pipeline makes it."""
    tiled = [make_request(seed=seed, tiling=True) for seed in range(3)]
    plain = [make_request(seed=seed) for seed in range(3)]
    images = {
        request: engine.submit(ImageTask(request=request))
        for pair in zip(tiled, plain, strict=True)
        for request in pair
    }
    for request in plain:
        assert_same_picture(images[request].result().image, stock, request)
    with circular(stock.text.unet, stock.text.vae):
        for request in tiled:
            assert_same_picture(images[request].result().image, stock, request)
    assert not are_equal(images[tiled[0]].result().image, images[plain[0]].result().image)


def test_tiling_of_pictures_from_pictures(engine: Engine) -> None:
    request = _over_pixels(tiling=True)
    assert np.asarray(_make(engine, request)).std() >= 20
    assert not are_equal(_make(engine, request), _make(engine, _over_pixels()))


def _varied(strength: float, seed: int = 99) -> Request:
    return make_request(variation=Variation(seed=seed, strength=strength))


def test_variations(engine: Engine, stock: Stock) -> None:
    def noise(seed: int) -> torch.Tensor:
        return torch.randn(1, 4, 4, 4, generator=torch.Generator().manual_seed(seed))

    request = _varied(0.3)
    for index in (0, 1):
        latents = slerp(noise(7), noise(99 + index), 0.3)
        assert are_equal(_make(engine, request, index), stock.make(request, latents=latents))
    assert not are_equal(_make(engine, request, 0), _make(engine, request, 1))


def test_variations_lie_between_two_seeds(engine: Engine) -> None:
    pictures = [np.asarray(_make(engine, _varied(share))).astype(int) for share in (0.0, 0.1, 0.5, 1.0)]
    plain, other = (np.asarray(_make(engine, make_request(seed=seed))).astype(int) for seed in (7, 99))
    assert np.array_equal(pictures[0], plain)
    assert np.array_equal(pictures[-1], other)
    distances = [np.abs(picture - plain).mean() for picture in pictures]
    assert distances == sorted(set(distances))


def test_noise_between_two_noises_is_as_strong() -> None:
    one, other = (torch.randn(1, 4, 32, 32, generator=torch.Generator().manual_seed(seed)) for seed in (1, 2))
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        assert slerp(one, other, share).std() == pytest.approx(1, abs=0.03)
    assert torch.allclose(slerp(one, one, 0.5), one)


@pytest.mark.parametrize("sampler", ["DDIM", "TCD"])
def test_eta(engine: Engine, stock: Stock, sampler: str) -> None:
    plain, noisy = make_request(sampler=sampler), make_request(sampler=sampler, eta=0.8)
    assert_same_picture(_make(engine, noisy), stock, noisy)
    assert not are_equal(_make(engine, plain), _make(engine, noisy))


def test_noise_scale_shows(engine: Engine) -> None:
    scales = [_make(engine, make_request(sampler="Euler a", noise_scale=scale)) for scale in (0.8, 1.0, 1.2)]
    assert not are_equal(scales[0], scales[1])
    assert not are_equal(scales[1], scales[2])
    assert are_equal(scales[1], _make(engine, make_request(sampler="Euler a")))


@pytest.mark.parametrize("sampler", ["DDIM", "Euler", "Euler a"])
def test_one_schedule_in_two_stages(engine: Engine, stock: Stock, sampler: str) -> None:
    """Samplers without a memory of earlier steps make the same picture in one stage or in two."""
    whole = make_request(sampler=sampler, steps=10)
    seen: list[tuple[int, int]] = []
    task = ImageTask(
        request=_split(0.6, sampler=sampler, steps=10),
        on_progress=lambda done, total, _preview: seen.append((done, total)),
    )
    finished = engine.submit(task).result()
    assert_same_picture(finished.image, stock, whole)
    assert seen == [(number, 10) for number in range(1, 11)]
    assert [sum(calls for _, calls in stage) for stage in finished.recipe.widths] == [6, 4]


def test_a_stage_on_another_model(model_dir: Path, stock: Stock, tmp_path: Path) -> None:
    """The second half on a twin of the model is as on itself; on a stranger it is not. One is in memory at a
    time, and both are in the recipe."""
    from models.tiny import build_tiny_model

    for name, seed in (("twin", 0), ("stranger", 5)):
        build_tiny_model(tmp_path / name, name=name, seed=seed)
    engine = Engine(find_models([model_dir, tmp_path]), device="cpu", budget_bytes=1)
    requests = {
        name: _split(0.6, model=name, sampler="DDIM", steps=10) for name in ("twin", "stranger", "absent")
    }
    images = {name: engine.submit(ImageTask(request=request)) for name, request in requests.items()}
    whole = make_request(sampler="DDIM", steps=10)
    twin = images["twin"].result()
    assert_same_picture(twin.image, stock, whole)
    assert not are_equal(images["stranger"].result().image, twin.image)
    assert twin.recipe.model == "tiny"
    assert twin.recipe.weights_hash.count("+") == 1
    assert isinstance(images["absent"].exception(), UnknownModel)
    again = engine.submit(ImageTask(request=twin.recipe.request, replay=twin.recipe)).result()
    assert again.png() == twin.png()
    engine.close()


def test_all_of_it_again_in_other_company(engine: Engine) -> None:
    requests = [
        _hires(sampler="Euler a"),
        _over_pixels(sampler="DPM2 a"),
        make_request(tiling=True, sampler="DPM++ 2M SDE"),
        _varied(0.2),
        make_request(sampler="DDIM", eta=1.0, noise_scale=0.9),
        _split(0.5, sampler="UniPC", steps=8),
        make_request(sampler="LCM", steps=4, guidance_scale=1.0),
    ]
    images = [image.result() for image in [engine.submit(ImageTask(request=one)) for one in requests]]
    strangers = [engine.submit(ImageTask(request=make_request(seed=seed))) for seed in range(3)]
    again = [
        engine.submit(ImageTask(request=image.recipe.request, replay=image.recipe))
        for image in reversed(images)
    ]
    assert [image.result().png() for image in again] == [image.png() for image in reversed(images)]
    assert all(stranger.result() for stranger in strangers)


def test_a_model_that_is_told_the_guidance_scale(tmp_path: Path) -> None:
    """Distilled UNets are called once, and read the scale as an embedding."""
    from diffusers import UNet2DConditionModel

    from models.tiny import build_tiny_model

    folder = build_tiny_model(tmp_path / "tiny")
    torch.manual_seed(4)
    config = UNet2DConditionModel.load_config(folder / "unet")
    UNet2DConditionModel.from_config(config, time_cond_proj_dim=16).save_pretrained(folder / "unet")
    engine, stock = Engine(find_models([tmp_path]), device="cpu"), Stock(folder)
    request, other = (make_request(sampler="LCM", steps=4, guidance_scale=scale) for scale in (5.0, 9.0))
    assert_same_picture(_make(engine, request), stock, request)
    assert not are_equal(_make(engine, request), _make(engine, other))
    engine.close()


def test_calls_are_known_before() -> None:
    denoise = [stage for stage in _hires(sampler="Heun").stages if isinstance(stage, Denoise)]
    assert [stage.unet_calls for stage in denoise] == [11, 5]
    assert _hires(sampler="Heun").unet_calls == 16
