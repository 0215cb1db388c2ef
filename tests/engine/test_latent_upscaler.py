"""The latent upscaler equals diffusers' pipeline, alone and in company, and comes back to the byte."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from core.request import Request
from core.stages import Decode, Denoise, EncodeImage, EncodeText, UpscaleLatents
from models.catalogue import find_models
from models.engine.api import ImageFailed, ImageTask
from models.engine.engine import Engine
from models.tiny import build_tiny_model
from models.tiny.upscaler import build_tiny_latent_upscaler
from tests.engine.stock import SOURCE, are_equal, drawn_picture

SIDE = 64


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("upscaler")
    build_tiny_latent_upscaler(directory / "tiny-x2")
    build_tiny_model(directory / "tiny")
    return directory


@pytest.fixture(scope="module")
def engine(folder: Path) -> Any:
    engine = Engine(find_models([folder]), device="cpu")
    yield engine
    engine.close()


def _request(*, seed: int = 7, guidance: float = 1.0, negative: str = "", model: str = "tiny-x2") -> Request:
    text = EncodeText(prompt="a red fox", negative_prompt=negative)
    small = EncodeImage(image=SOURCE, width=SIDE, height=SIDE)
    upscale = UpscaleLatents(steps=6, guidance_scale=guidance, width=2 * SIDE, height=2 * SIDE)
    return Request(model=model, seed=seed, stages=(text, small, upscale, Decode()))


def _task(request: Request, **options: Any) -> ImageTask:
    return ImageTask(request=request, inputs={SOURCE: drawn_picture(SIDE, SIDE)}, **options)


def _stock(folder: Path, request: Request, seed: int) -> Image.Image:
    from diffusers import StableDiffusionLatentUpscalePipeline

    pipeline = StableDiffusionLatentUpscalePipeline.from_pretrained(
        folder / "tiny-x2", local_files_only=True, use_safetensors=True
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline(
        prompt=request.text.prompt,
        negative_prompt=request.text.negative_prompt,
        image=drawn_picture(SIDE, SIDE),
        num_inference_steps=6,
        guidance_scale=request.denoise.guidance_scale,
        generator=torch.Generator().manual_seed(seed),
    ).images[0]


@pytest.mark.parametrize(("guidance", "negative"), [(1.0, ""), (4.0, "blue")])
def test_it_equals_the_stock_pipeline(engine: Engine, folder: Path, guidance: float, negative: str) -> None:
    request = _request(guidance=guidance, negative=negative)
    # In company: another seed, and a picture of another model.
    futures = [engine.submit(_task(one)) for one in (request, replace(request, seed=99))]
    ours = futures[0].result().image
    assert ours.size == (2 * SIDE, 2 * SIDE) and np.asarray(ours).std() >= 20
    assert are_equal(ours, _stock(folder, request, request.seed))
    assert not are_equal(ours, _stock(folder, request, request.seed + 1))


def test_it_comes_back_to_the_byte(engine: Engine) -> None:
    first = engine.submit(_task(_request())).result()
    others = [engine.submit(_task(_request(seed=seed))) for seed in range(3)]
    again = engine.submit(_task(first.recipe.request, replay=first.recipe)).result()
    assert again.png() == first.png()
    assert all(other.result().png() != first.png() for other in others)


def test_only_a_latent_upscaler_does_it_and_only_twice(engine: Engine) -> None:
    with pytest.raises(ImageFailed, match="no latent upscaler"):
        engine.submit(_task(_request(model="tiny"))).result()
    text, small, upscale, decode = _request().stages
    assert isinstance(upscale, Denoise)
    larger = replace(_request(), stages=(text, small, replace(upscale, width=256, height=256), decode))
    with pytest.raises(ImageFailed, match="twice"):
        engine.submit(_task(larger)).result()


def test_it_is_offered_for_upscaling_alone(folder: Path) -> None:
    (found,) = [model.spec for model in find_models([folder]) if model.spec.is_upscaler]
    assert (found.name, found.side_multiple, found.draws) == ("tiny-x2", 64, False)
