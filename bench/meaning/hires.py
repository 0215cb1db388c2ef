"""Hires fix: the same scene at twice the size."""

from __future__ import annotations

from random import Random

from bench.meaning.cases import Case, Draw, denoise, distance, order
from core.stages import Decode, ResizeLatents
from models.engine.api import ImageTask
from models.starter.checker import see
from models.starter.grammar import random_prompt
from models.starter.scenes import SIDE

TITLE = "hires fix shows the same scene at twice the size"
GOAL = 0.75

_LARGE = {"width": 2 * SIDE, "height": 2 * SIDE}


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
        seen, again = see(small), see(picture)
        things = [[sight.thing for sight in look.sights] for look in (seen, again)]
        near = distance(picture.resize(small.size), small) < 20
        return picture.size == (2 * SIDE, 2 * SIDE) and near and things[0] == things[1]

    return Case(name=f"{prompt} ({seed})", holds=holds)
