"""Requests, the stock diffusers pipeline that makes them one by one, and when two pictures are equal."""

from __future__ import annotations

import random
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from PIL import Image

from core.request import Request
from core.samplers import SAMPLERS, SCHEDULES
from core.stages import Composite, Decode, Denoise, EncodeImage, EncodeText, Stage
from models.catalogue import LocalModel

#: Pixels along the sides of the tiny model's pictures: 4x4 latents.
SIDE = 32


def make_request(
    prompt: str = "a red circle", *, seed: int = 7, negative: str = "", **denoise: Any
) -> Request:
    values = {
        "sampler": "Euler",
        "schedule": "normal",
        "steps": 6,
        "guidance_scale": 7.0,
        "width": SIDE,
        "height": SIDE,
    }
    stages = (EncodeText(prompt=prompt, negative_prompt=negative), Denoise(**{**values, **denoise}), Decode())
    return Request(model="tiny", seed=seed, stages=stages)


#: Names under which the tests give their pictures.
SOURCE, MASK = "a" * 64, "b" * 64


def drawn_picture(width: int = SIDE, height: int = SIDE) -> Image.Image:
    """A picture with edges, colours and smooth parts."""
    down, across = np.mgrid[0:height, 0:width] / max(width, height)
    disc = (across - 0.4) ** 2 + (down - 0.5) ** 2 < 0.08
    colours = np.stack([across, down, 1 - across], axis=-1)
    colours[disc] = (0.9, 0.8, 0.1)
    return Image.fromarray((colours * 255).astype(np.uint8))


def drawn_mask(width: int = SIDE, height: int = SIDE) -> Image.Image:
    """White in the right half of the middle."""
    mask = Image.new("L", (width, height), 0)
    mask.paste(255, (width // 2, height // 4, width, height * 3 // 4))
    return mask


def given(width: int = SIDE, height: int = SIDE) -> dict[str, Image.Image]:
    """The pictures that a request of `make_picture_request` needs."""
    return {SOURCE: drawn_picture(width, height), MASK: drawn_mask(width, height)}


def make_picture_request(*, masked: bool = False, composited: bool = False, **options: Any) -> Request:
    """A picture made from another one, at a strength of 0.6 unless told; where masked, inside the mask."""
    plain = make_request(**{"strength": 0.6, **({"mask": MASK} if masked else {}), **options})
    text, denoise, decode = plain.stages
    encode = EncodeImage(image=SOURCE, width=plain.denoise.width, height=plain.denoise.height)
    stages: tuple[Stage, ...] = (text, encode, denoise, decode)
    if composited:
        stages = (*stages, Composite(image=SOURCE, mask=MASK))
    return replace(plain, stages=stages)


def make_starter_request(starter: LocalModel, **denoise: Any) -> Request:
    """A picture of the shipped model at its own size."""
    side = starter.spec.native_side
    values = {"steps": 8, "guidance_scale": 3.0, "width": side, "height": side, **denoise}
    return replace(make_request("a red circle on a blue background", **values), model=starter.spec.name)


def mixed_requests(count: int, seed: int = 1) -> list[Request]:
    """Requests of mixed prompts, steps, guidance, samplers and sizes."""
    chance = random.Random(seed)
    requests = []
    for number in range(count):
        sampler = chance.choice(list(SAMPLERS.values()))
        requests.append(
            make_request(
                f"picture number {number}" * chance.randint(0, 12),
                seed=chance.randrange(2**32),
                negative=chance.choice(("", "blue")),
                sampler=sampler.name,
                schedule=chance.choice(sampler.schedules),
                steps=chance.randint(1, 10),
                guidance_scale=chance.choice((1.0, 3.0, 7.5)),
                width=chance.choice((SIDE, SIDE, SIDE * 2)),
            )
        )
    return requests


class Stock:
    """The reference: diffusers' pipelines, their scheduler swapped as diffusers' documentation does."""

    def __init__(self, folder: Path) -> None:
        from diffusers import (
            StableDiffusionImg2ImgPipeline,
            StableDiffusionInpaintPipeline,
            StableDiffusionPipeline,
        )

        self.text = StableDiffusionPipeline.from_pretrained(
            folder, local_files_only=True, use_safetensors=True
        )
        parts = {**self.text.components, "requires_safety_checker": False}
        self._pipelines = {
            kind: kind(**parts)
            for kind in (
                StableDiffusionPipeline,
                StableDiffusionImg2ImgPipeline,
                StableDiffusionInpaintPipeline,
            )
        }
        for pipeline in self._pipelines.values():
            pipeline.set_progress_bar_config(disable=True)
        self._config = dict(self.text.scheduler.config)

    def make(
        self,
        request: Request,
        seed: int | None = None,
        *,
        inputs: Mapping[str, Image.Image] = MappingProxyType({}),
        **options: Any,
    ) -> Any:
        """The request's picture, before any compositing.

        Args:
            seed: another than the request's.
            options: other arguments of the pipeline's call.
        """
        import torch

        denoise = request.denoise
        seed = request.seed if seed is None else seed
        arguments = {
            "prompt": request.text.prompt,
            "negative_prompt": request.text.negative_prompt,
            "num_inference_steps": denoise.steps,
            "guidance_scale": denoise.guidance_scale,
            "eta": denoise.eta,
            "generator": torch.Generator().manual_seed(seed),
            **_pictures(request, inputs),
            **options,
        }
        pipeline = self._pipeline(denoise)
        pipeline.scheduler = self._scheduler(denoise, seed)
        with warnings.catch_warnings():
            # torchsde warns of a rounding error at the ends of DPM++ SDE's schedule.
            warnings.simplefilter("ignore", UserWarning)
            return pipeline(**arguments).images[0]

    def _pipeline(self, denoise: Denoise) -> Any:
        text, image, inpaint = self._pipelines.values()
        return inpaint if denoise.mask else image if denoise.strength is not None else text

    def _scheduler(self, denoise: Denoise, seed: int) -> Any:
        import diffusers

        sampler = SAMPLERS[denoise.sampler]
        options = {**sampler.config, **SCHEDULES[denoise.schedule].config}
        if sampler.scheduler == "DPMSolverSDEScheduler":
            options["noise_sampler_seed"] = seed
        return getattr(diffusers, sampler.scheduler).from_config(self._config, **options)


def _pictures(request: Request, inputs: Mapping[str, Image.Image]) -> dict[str, Any]:
    """What a pipeline is told of size, picture and mask."""
    denoise, size = request.denoise, {"width": request.denoise.width, "height": request.denoise.height}
    if denoise.strength is None:
        return size
    source = next((stage.image for stage in request.stages if isinstance(stage, EncodeImage)), None)
    known = {"image": inputs[source] if source else None, "strength": denoise.strength}
    return {**known, **size, "mask_image": inputs[denoise.mask]} if denoise.mask else known


@contextmanager
def circular(*networks: Any) -> Iterator[None]:
    """Convolutions that wrap around, as everybody makes the stock pipelines tile."""
    from torch.nn import Conv2d

    parts = [part for network in networks for part in network.modules() if isinstance(part, Conv2d)]
    for part in parts:
        part.padding_mode = "circular"
    yield
    for part in parts:
        part.padding_mode = "zeros"


def are_equal(one: Image.Image, other: Image.Image) -> bool:
    """At least 95 % of the 8-bit values equal and none off by more than 1."""
    difference = np.abs(np.asarray(one).astype(int) - np.asarray(other).astype(int))
    return bool((difference == 0).mean() >= 0.95 and difference.max() <= 1)


def has_contrast(picture: Image.Image) -> bool:
    """Pictures that are nearly one gray equal each other whatever was drawn."""
    return np.asarray(picture).std() >= 20


def assert_same_picture(
    ours: Image.Image,
    stock: Stock,
    request: Request,
    inputs: Mapping[str, Image.Image] = MappingProxyType({}),
) -> None:
    """The picture equals the stock pipeline's, has contrast, and another seed would have shown."""
    assert has_contrast(ours)
    assert are_equal(ours, stock.make(request, inputs=inputs))
    assert not are_equal(ours, stock.make(request, seed=request.seed + 1, inputs=inputs))
