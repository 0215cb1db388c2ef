"""Weights in negative prompts: of two colours that are not wanted, less of the heavier one is left."""

from __future__ import annotations

from bench.meaning.cases import Case, Draw, order
from bench.meaning.colours import leaning, two_colours_and_a_shape
from models.engine.api import ImageTask

TITLE = "of two unwanted colours the heavier one goes"
GOAL = 0.75


def cases(count: int) -> list[Case]:
    return [_case(seed) for seed in range(count)]


def _case(seed: int) -> Case:
    """Two pictures that differ in the weights of the negative prompt alone."""
    one, other, shape = two_colours_and_a_shape(seed)
    prompt = f"a {one} {other} {shape} on a white background"
    negative = f"({one}:{{}}) ({other}:{{}})"

    def holds(draw: Draw) -> bool:
        first, second = draw(
            ImageTask(request=order(prompt, seed, negative=negative.format(1.8, 0.4))),
            ImageTask(request=order(prompt, seed, negative=negative.format(0.4, 1.8))),
        )
        return leaning(first, one, other) < leaning(second, one, other)

    return Case(name=f"{prompt} ({seed})", holds=holds)
