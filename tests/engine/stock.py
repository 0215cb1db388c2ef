"""Requests, the stock diffusers pipeline that makes them one by one, and when two pictures are equal."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from core.request import Request
from core.samplers import SAMPLERS, SCHEDULES
from core.stages import Decode, Denoise, EncodeText
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
    """The reference: StableDiffusionPipeline with its scheduler swapped as diffusers' documentation does."""

    def __init__(self, folder: Path) -> None:
        from diffusers import StableDiffusionPipeline

        self._pipeline = StableDiffusionPipeline.from_pretrained(
            folder, local_files_only=True, use_safetensors=True
        )
        self._pipeline.set_progress_bar_config(disable=True)
        self._config = dict(self._pipeline.scheduler.config)

    def make(self, request: Request, seed: int | None = None) -> Image.Image:
        import diffusers
        import torch

        denoise, text = request.denoise, request.text
        sampler = SAMPLERS[denoise.sampler]
        self._pipeline.scheduler = getattr(diffusers, sampler.scheduler).from_config(
            self._config, **sampler.config, **SCHEDULES[denoise.schedule].config
        )
        generator = torch.Generator().manual_seed(request.seed if seed is None else seed)
        return self._pipeline(
            text.prompt,
            negative_prompt=text.negative_prompt,
            width=denoise.width,
            height=denoise.height,
            num_inference_steps=denoise.steps,
            guidance_scale=denoise.guidance_scale,
            generator=generator,
        ).images[0]


def are_equal(one: Image.Image, other: Image.Image) -> bool:
    """At least 95 % of the 8-bit values equal and none off by more than 1."""
    difference = np.abs(np.asarray(one).astype(int) - np.asarray(other).astype(int))
    return bool((difference == 0).mean() >= 0.95 and difference.max() <= 1)


def assert_same_picture(ours: Image.Image, stock: Stock, request: Request) -> None:
    """The picture equals the stock pipeline's, has contrast, and another seed would have shown."""
    assert np.asarray(ours).std() >= 20
    assert are_equal(ours, stock.make(request))
    assert not are_equal(ours, stock.make(request, seed=request.seed + 1))
