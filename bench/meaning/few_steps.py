"""Few steps: six of a sampler of second order show what was asked for.

The starter model is not distilled for one to four steps, as LCM, Turbo and VegaRT are; what those ask of the
engine, samplers without guidance, `tests/engine` holds against the stock pipelines.
"""

from __future__ import annotations

from random import Random

from bench.meaning.cases import Case, Draw, denoise, order
from core.stages import Decode
from models.engine.api import ImageTask
from models.starter.checker import check
from models.starter.grammar import describe
from models.starter.scenes import one_thing

TITLE = "six steps of DPM++ 2M or UniPC show what was asked for"
GOAL = 0.8


def cases(count: int) -> list[Case]:
    return [_case(seed) for seed in range(count)]


def _case(seed: int) -> Case:
    chance = Random(seed)
    scene = one_thing(chance, style="flat")
    prompt, sampler = describe(scene, chance), ("DPM++ 2M", "UniPC")[seed % 2]

    def holds(draw: Draw) -> bool:
        (picture,) = draw(ImageTask(request=order(prompt, seed, denoise(steps=6, sampler=sampler), Decode())))
        return check(picture, scene).ok

    return Case(name=f"{prompt}, {sampler} ({seed})", holds=holds)
