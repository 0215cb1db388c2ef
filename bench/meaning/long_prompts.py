"""Long prompts: what is said after eighty words that mean little counts all the same.

Their 80 tokens fill the first chunk, behind which the stock pipeline reads nothing.
"""

from __future__ import annotations

from bench.meaning.cases import Case, Draw, order
from bench.meaning.colours import colour_shown, two_colours_and_a_shape
from models.engine.api import ImageTask

TITLE = "words behind the 77th token count"
GOAL = 0.9


def cases(count: int) -> list[Case]:
    return [_case(seed) for seed in range(count)]


def _case(seed: int) -> Case:
    colour, _, shape = two_colours_and_a_shape(seed)
    prompt = f"{'simple, ' * 40}a {colour} {shape} on a white background"

    def holds(draw: Draw) -> bool:
        (picture,) = draw(ImageTask(request=order(prompt, seed)))
        return colour_shown(picture) == colour

    return Case(name=f"{colour} {shape} ({seed})", holds=holds)
