"""BREAK: two chunks count both."""

from __future__ import annotations

from bench.meaning.cases import Case, Draw, order
from bench.meaning.colours import colour_shown, two_colours_and_a_shape
from models.engine.api import ImageTask
from models.starter.checker import see

TITLE = "both sides of a BREAK count"
GOAL = 0.9


def cases(count: int) -> list[Case]:
    return [_case(seed) for seed in range(count)]


def _case(seed: int) -> Case:
    colour, _, shape = two_colours_and_a_shape(seed)
    background = ("gray", "pink", "white")[seed % 3]
    prompt = f"a {colour} {shape} BREAK {background} background"

    def holds(draw: Draw) -> bool:
        (picture,) = draw(ImageTask(request=order(prompt, seed)))
        return colour_shown(picture) == colour and see(picture).background == background

    return Case(name=f"{prompt} ({seed})", holds=holds)
