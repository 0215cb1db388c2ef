"""Weights: of two things in the same place, the colour of the heavier one shows more."""

from __future__ import annotations

from bench.meaning.cases import Case, Draw, order
from bench.meaning.colours import leaning, two_colours_and_a_shape
from models.engine.api import ImageTask

TITLE = "of two weights the heavier one shows"
GOAL = 0.9


def cases(count: int) -> list[Case]:
    return [_case(seed) for seed in range(count)]


def _case(seed: int) -> Case:
    """Two pictures that differ in the weights alone: of groups, or of whole phrases."""
    one, other, shape = two_colours_and_a_shape(seed)
    first, second = f"a {one} {shape}:{{}}", f"a {other} {shape}:{{}}"
    prompt = f"{first} {second} on a white background"
    if seed % 2:
        prompt = f"({first}) ({second}) on a white background"

    def holds(draw: Draw) -> bool:
        heavy, light = draw(
            ImageTask(request=order(prompt.format(1.4, 0.7), seed)),
            ImageTask(request=order(prompt.format(0.7, 1.4), seed)),
        )
        return leaning(heavy, one, other) > leaning(light, one, other)

    return Case(name=f"{prompt} ({seed})", holds=holds)
