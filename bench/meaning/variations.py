"""Variations: a little of another seed's noise is a picture near by, much of it is another one."""

from __future__ import annotations

from random import Random

from bench.meaning.cases import Case, Draw, denoise, distance, order
from core.stages import Decode, Variation
from models.engine.api import ImageTask
from models.starter.grammar import random_prompt

TITLE = "variations are near when subtle, and differ when strong"
GOAL = 0.9


def cases(count: int) -> list[Case]:
    return [_case(seed) for seed in range(count)]


def _case(seed: int) -> Case:
    # The words leave open what the noise decides.
    prompt, _ = random_prompt(Random(seed), "one object, all styles")

    def varied(strength: float) -> ImageTask:
        stage = denoise(variation=Variation(seed=1000 + seed, strength=strength))
        return ImageTask(request=order(prompt, seed, stage, Decode()))

    def holds(draw: Draw) -> bool:
        original, *pictures = draw(ImageTask(request=order(prompt, seed)), *map(varied, (0.05, 0.2, 1.0)))
        subtle, strong, other = (distance(picture, original) for picture in pictures)
        return 0 < subtle < strong and subtle < other / 2

    return Case(name=f"{prompt} ({seed})", holds=holds)
