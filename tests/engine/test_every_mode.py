"""Each family of models in each way to make a picture, few steps included: equal to the stock pipelines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import UNet2DConditionModel
from PIL import Image
from torch.nn.functional import interpolate

from core.request import Adapter, Request
from core.stages import Denoise, ResizeLatents, Variation
from models.catalogue import find_models
from models.engine.api import ImageTask
from models.engine.engine import Engine
from models.engine.noise import slerp
from models.tiny.adapters import build_tiny_adapter
from tests.engine.family import NINE, SEED, SIDE, Family, built, inpainting, ordered, pictures, settings
from tests.engine.stock import MASK, SOURCE, are_equal, circular, has_contrast

_FAMILIES = ["sd1", "sd2", "sdxl", "ssd-1b", "vega"]
#: A refiner draws over pictures alone.
_with_refiner = pytest.mark.parametrize("family", [*_FAMILIES, "sdxl-refiner"], indirect=True, scope="module")

_SIDES = {"width": SIDE, "height": SIDE}
_LARGER = 2 * SIDE


@pytest.fixture(scope="module", params=_FAMILIES)
def family(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Family]:
    with built(request.param, tmp_path_factory.mktemp(request.param), _quick) as family:
        yield family


def _quick(base: Path) -> None:
    """A LoRA as those that make a model quick (Luo et al. 2023): VegaRT is one of Vega."""
    file = base.parent / "lora" / "quick.safetensors"
    build_tiny_adapter(file, base, spelling="diffusers", text=False, alpha=None, strength=0.2)


def _check(family: Family, order: Request, make: Callable[[int], Image.Image]) -> None:
    ours = family.engine.submit(ImageTask(request=order, inputs=pictures())).result().image
    assert has_contrast(ours)
    assert are_equal(ours, make(SEED))
    assert not are_equal(ours, make(SEED + 1))


@_with_refiner
def test_image_to_image(family: Family) -> None:
    order = ordered(family.name, pictured=True, strength=0.6)
    with family.stock("Img2Img", sampler="DDIM") as make:
        _check(family, order, partial(make, image=pictures()[SOURCE], strength=0.6, **settings()))


@_with_refiner
def test_inpainting(family: Family) -> None:
    order = ordered(family.name, pictured=True, strength=0.8, mask=MASK)
    with family.stock("Inpaint", sampler="DDIM") as make:
        _check(family, order, partial(make, **inpainting(0.8), **settings()))


def test_inpainting_with_nine_channels(family: Family) -> None:
    order = ordered(NINE, pictured=True, strength=0.8, mask=MASK)
    with family.stock("Inpaint", sampler="DDIM", channels=9) as make:
        _check(family, order, partial(make, **inpainting(0.8), **settings()))


@pytest.mark.parametrize(
    ("sampler", "steps"), [("LCM", 4), ("Euler a", 1), ("Euler a", 2)], ids=["LCM", "Turbo 1", "Turbo 2"]
)
def test_few_steps_without_guidance(family: Family, sampler: str, steps: int) -> None:
    order = ordered(family.name, sampler=sampler, steps=steps, guidance_scale=1.0)
    with family.stock("", sampler=sampler) as make:
        _check(family, order, partial(make, **_SIDES, **settings(steps=steps, guidance=1.0)))


def test_few_steps_by_a_lora(family: Family) -> None:
    plain = ordered(family.name, sampler="LCM", steps=4, guidance_scale=1.0)
    order = replace(plain, adapters=(Adapter(name="quick", weight=1.0),))
    lora = family.folder / "lora" / "quick.safetensors"
    with family.stock("", sampler="LCM", lora=lora) as make:
        _check(family, order, partial(make, **_SIDES, **settings(guidance=1.0)))


def test_few_steps_of_a_model_that_is_told_the_guidance_scale(family: Family, tmp_path: Path) -> None:
    torch.manual_seed(6)
    unet = UNet2DConditionModel.from_config(family.parts["unet"].config, time_cond_proj_dim=16).eval()
    (tmp_path / "told").mkdir()
    for part in (family.folder / family.name).iterdir():
        if part.name != "unet":
            (tmp_path / "told" / part.name).symlink_to(part)
    unet.save_pretrained(tmp_path / "told" / "unet")
    told = replace(family, engine=Engine(find_models([tmp_path]), device="cpu"))
    with told.stock("", sampler="LCM", unet=unet) as make:
        _check(told, ordered("told", sampler="LCM"), partial(make, **_SIDES, **settings()))
    told.engine.close()


def test_clip_skip_without_guidance(family: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    """One more than the stock pipelines', and SDXL's count from the layer that it was trained to read."""
    if not family.is_large:
        # diffusers asks for the last normalisation where transformers 5.6 has it no more.
        encoder = family.parts["text_encoder"]
        monkeypatch.setitem(encoder.__dict__, "text_model", encoder)
    plain = ordered(family.name, guidance_scale=1.0)
    text, *others = plain.stages
    order = replace(plain, stages=(replace(text, clip_skip=3 if family.is_large else 2), *others))
    with family.stock("", sampler="DDIM") as make:
        options = {**_SIDES, **settings(guidance=1.0)}
        _check(family, order, partial(make, clip_skip=1, **options))
        assert not are_equal(make(SEED, **options), make(SEED, clip_skip=1, **options))


def test_a_variation_that_tiles_with_eta(family: Family) -> None:
    order = ordered(family.name, tiling=True, eta=0.8, variation=Variation(seed=99, strength=0.3))
    with family.stock("", sampler="DDIM") as make:

        def between(seed: int) -> Image.Image:
            generator = torch.Generator().manual_seed(seed)
            first = _noise(generator)
            latents = slerp(first, _noise(torch.Generator().manual_seed(99)), 0.3)
            with circular(family.parts["unet"], family.parts["vae"]):
                return make(seed, latents=latents, generator=generator, eta=0.8, **_SIDES, **settings())

        _check(family, order, between)


def _noise(generator: torch.Generator) -> torch.Tensor:
    return torch.randn(1, 4, SIDE // 8, SIDE // 8, generator=generator)


def test_hires_fix(family: Family) -> None:
    small = ordered(family.name)
    text, first, decode = small.stages
    assert isinstance(first, Denoise)
    larger: dict[str, Any] = {"width": _LARGER, "height": _LARGER}
    again = replace(first, strength=0.6, **larger)
    order = replace(small, stages=(text, first, ResizeLatents(**larger), again, decode))
    with family.stock("", sampler="DDIM") as make, family.stock("Img2Img", sampler="DDIM") as finish:

        def twice(seed: int) -> Image.Image:
            generator = torch.Generator().manual_seed(seed)
            latents = make(seed, generator=generator, output_type="latent", **_SIDES, **settings())
            image = interpolate(latents[None], scale_factor=2, mode="bilinear", align_corners=False)
            return finish(seed, generator=generator, side=_LARGER, image=image, strength=0.6, **settings())

        _check(family, order, twice)
