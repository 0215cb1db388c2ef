"""Upscaling: nearer to the same scene drawn large than plain interpolation comes."""

from __future__ import annotations

from random import Random

import numpy as np
from PIL import Image

from bench.meaning.cases import Case, Draw, named
from core.request import Request
from core.stages import LoadImage, Upscale
from models.engine.api import ImageTask
from models.starter.grammar import GROUPS, scene_for
from models.starter.renderer import pixels
from models.starter.scenes import SIDE

TITLE = "an upscaled picture is nearer to the true one than bicubic interpolation"
GOAL = 0.95

#: Decibels above bicubic.
_GAIN = 3.0


def cases(count: int) -> list[Case]:
    return [_case(seed) for seed in range(count)]


def _case(seed: int) -> Case:
    group = GROUPS[seed % len(GROUPS)]
    large = Image.fromarray(pixels(scene_for(Random(seed), group), 2))
    small = large.resize((SIDE, SIDE), Image.Resampling.BOX)
    stages = (LoadImage(image=named(small), width=SIDE, height=SIDE), Upscale(upscaler="starter-2x", scale=2))
    task = ImageTask(request=Request(model="starter", seed=seed, stages=stages), inputs={named(small): small})

    def holds(draw: Draw) -> bool:
        (picture,) = draw(task)
        bicubic = small.resize(large.size, Image.Resampling.BICUBIC)
        return picture.size == large.size and _psnr(picture, large) > _psnr(bicubic, large) + _GAIN

    return Case(name=f"{group} ({seed})", holds=holds)


def _psnr(picture: Image.Image, true: Image.Image) -> float:
    """Peak signal-to-noise ratio, dB."""
    error = (np.asarray(picture, np.float64) - np.asarray(true, np.float64)) ** 2
    return float(10 * np.log10(255**2 / max(1e-9, error.mean())))
