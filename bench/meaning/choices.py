"""Choices: a picture shows what its seed draws."""

from __future__ import annotations

from bench.meaning.cases import Case, Draw, order
from bench.meaning.colours import NAMES, colour_shown, two_colours_and_a_shape
from core.prompt.spoken import spoken
from models.engine.api import ImageTask

TITLE = "what is drawn of {a|b} is what shows"
GOAL = 0.9


def cases(count: int) -> list[Case]:
    return [_case(seed) for seed in range(count)]


def _case(seed: int) -> Case:
    _, _, shape = two_colours_and_a_shape(seed)
    request = order(f"a {{{'|'.join(NAMES)}}} {shape} on a white background", seed)
    prompt = spoken(request.text, seed).prompt_text

    def holds(draw: Draw) -> bool:
        (picture,) = draw(ImageTask(request=request))
        return colour_shown(picture) == prompt.split()[1]

    return Case(name=f"{prompt} ({seed})", holds=holds)
