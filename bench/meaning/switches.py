"""Switches: an early one decides the background anew, a late one comes after it is decided."""

from __future__ import annotations

from bench.meaning.cases import Case, Draw, order
from bench.meaning.colours import two_colours_and_a_shape
from models.engine.api import ImageTask
from models.starter.checker import see

TITLE = "[a:b:0.1] draws b, [a:b:0.6] what a began"
GOAL = 0.9


def cases(count: int) -> list[Case]:
    return [_case(seed) for seed in range(count)]


def _case(seed: int) -> Case:
    _, _, shape = two_colours_and_a_shape(seed)
    prompt = f"a red {shape} on a [white:black:{{}}] background"

    def holds(draw: Draw) -> bool:
        early, late = draw(
            ImageTask(request=order(prompt.format(0.1), seed)),
            ImageTask(request=order(prompt.format(0.6), seed)),
        )
        return see(early).background == "black" and see(late).background == "white"

    return Case(name=f"{prompt} ({seed})", holds=holds)
