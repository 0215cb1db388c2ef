"""Base and refiner: whoever takes over goes on with the same picture.

There is no refiner of the starter model's kind, so it takes over from itself: then the hand-over alone can
change what comes out.
"""

from __future__ import annotations

from random import Random

from bench.meaning.cases import Case, Draw, denoise, distance, order
from core.stages import Decode
from models.engine.api import ImageTask
from models.starter.checker import check
from models.starter.grammar import describe
from models.starter.scenes import one_thing

TITLE = "a refiner goes on with the picture where the base left off"
GOAL = 0.9

#: Mean difference of 8-bit values; unrelated pictures lie at 40 and more.
_NEAR = 10.0
_STEPS = 20


def cases(count: int) -> list[Case]:
    return [_case(seed) for seed in range(count)]


def _case(seed: int) -> Case:
    chance = Random(seed)
    scene = one_thing(chance, style="flat")
    prompt, share = describe(scene, chance), (0.6, 0.8, 0.9)[seed % 3]
    halves = denoise(steps=_STEPS, end=share), denoise(steps=_STEPS, start=share, model="starter")

    def holds(draw: Draw) -> bool:
        whole, handed_over = draw(
            ImageTask(request=order(prompt, seed, denoise(steps=_STEPS), Decode())),
            ImageTask(request=order(prompt, seed, *halves, Decode())),
        )
        return check(handed_over, scene).ok and distance(whole, handed_over) < _NEAR

    return Case(name=f"{prompt}, from {share} ({seed})", holds=holds)
