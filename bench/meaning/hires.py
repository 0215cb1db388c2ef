"""Hires fix: the same scene at twice the size."""

from __future__ import annotations

from random import Random

from PIL import Image

from bench.meaning.cases import Case, Draw, denoise, distance, order
from core.stages import Decode, ResizeLatents
from models.engine.api import ImageTask
from models.starter.checker import see
from models.starter.grammar import random_prompt
from models.starter.scenes import SIDE

TITLE = "hires fix shows the same scene at twice the size"
GOAL = 0.9

_LARGE = {"width": 2 * SIDE, "height": 2 * SIDE}
#: Mean difference of 8-bit values in the small size; unrelated pictures lie at 40 and more.
_NEAR = 20.0


def cases(count: int) -> list[Case]:
    return [_case(seed) for seed in range(count)]


def _case(seed: int) -> Case:
    prompt, _ = random_prompt(Random(seed), "one object, flat")
    large = denoise(strength=0.4, **_LARGE)

    def holds(draw: Draw) -> bool:
        small, picture = draw(
            ImageTask(request=order(prompt, seed)),
            ImageTask(request=order(prompt, seed, denoise(), ResizeLatents(**_LARGE), large, Decode())),
        )
        near = distance(picture.resize(small.size), small) < _NEAR
        return picture.size == (2 * SIDE, 2 * SIDE) and near and _colours(small) == _colours(picture)

    return Case(name=f"{prompt} ({seed})", holds=holds)


def _colours(picture: Image.Image) -> set[str]:
    return {sight.thing.colour for sight in see(picture).sights}
