"""Tiling: laid side by side, the picture shows no seam."""

from __future__ import annotations

from random import Random

import numpy as np
from PIL import Image

from bench.meaning.cases import Case, Draw, denoise, order, values
from core.stages import Decode
from models.engine.api import ImageTask
from models.starter.grammar import random_prompt

TITLE = "tiling leaves no seam"
GOAL = 0.9


def cases(count: int) -> list[Case]:
    return [_case(seed) for seed in range(count)]


def _case(seed: int) -> Case:
    """The light comes from above, so that a plain picture's upper and lower edge do not fit."""
    prompt, _ = random_prompt(Random(seed), "one object, flat")

    def holds(draw: Draw) -> bool:
        plain, tiled = draw(
            ImageTask(request=order(prompt, seed)),
            ImageTask(request=order(prompt, seed, denoise(tiling=True), Decode())),
        )
        return seam(tiled) < seam(plain) / 2

    return Case(name=f"{prompt} ({seed})", holds=holds)


def seam(picture: Image.Image) -> float:
    """How much two copies, one below the other, differ where they meet, 0..255. It is the median along the
    seam: a thing that lies across it, or begins there, is none."""
    pixels = values(picture)
    return float(np.median(np.abs(pixels[0] - pixels[-1]).mean(axis=-1)))
