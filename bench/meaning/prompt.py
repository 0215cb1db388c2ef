"""The prompt language: weights, negative prompts, what changes over the steps, long prompts, choices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from bench.meaning.drawing import Draw, colour_of, leaning, text_to_image
from core.prompt.spoken import spoken
from core.request import Request
from models.starter.checker import see

WEIGHTS = "the heavier of two colours shows"
NEGATIVE_WEIGHTS = "the heavier of two unwanted colours is left out"
NEGATIVE = "a background that is not wanted goes"
EARLY = "[a:b:0.1] is b"
LATE = "[a:b:0.6] keeps a's layout"
LONG = "words after 80 others count"
BREAK = "words after a BREAK count"
CHOICE = "what was drawn is what shows"

#: Least share of the cases.
GOALS: Mapping[str, float] = {
    WEIGHTS: 0.8,
    NEGATIVE_WEIGHTS: 0.6,
    NEGATIVE: 0.9,
    EARLY: 0.9,
    LATE: 0.9,
    LONG: 0.8,
    BREAK: 0.8,
    CHOICE: 0.9,
}

_COLOURS = ("red", "green", "blue", "yellow", "purple", "black")
_SHAPES = ("circle", "square", "star", "heart")
#: Eighty tokens that mean little.
_FILLER = "simple, " * 40


@dataclass(frozen=True, kw_only=True)
class Case:
    seed: int
    colour: str
    other: str
    shape: str


def cases_of(count: int) -> list[Case]:
    cases = []
    for seed in range(count):
        rng = Random(seed)
        colour, other = rng.sample(_COLOURS, 2)
        cases.append(Case(seed=seed, colour=colour, other=other, shape=rng.choice(_SHAPES)))
    return cases


def verdicts(draw: Draw, count: int) -> dict[str, list[bool]]:
    """Whether each claim holds in each of `count` cases."""
    cases = cases_of(count)
    return {
        WEIGHTS: _heavier(draw, cases, negative=False),
        NEGATIVE_WEIGHTS: _heavier(draw, cases, negative=True),
        NEGATIVE: _unwanted(draw, cases),
        EARLY: _backgrounds(draw, cases, "[white:black:0.1]", "black"),
        LATE: _backgrounds(draw, cases, "[white:black:0.6]", "white"),
        LONG: _colours(draw, cases, _FILLER),
        BREAK: _colours(draw, cases, "simple, minimal BREAK "),
        CHOICE: _choices(draw, cases),
    }


def _heavier(draw: Draw, cases: list[Case], *, negative: bool) -> list[bool]:
    """Two pictures a case that differ in the weights alone."""

    def request(case: Case, heavy: str) -> Request:
        words = " ".join(f"({name}:{1.8 if name == heavy else 0.4})" for name in (case.colour, case.other))
        if negative:
            prompt = f"a {case.colour} {case.other} {case.shape} on a white background"
            return text_to_image(prompt, case.seed, negative=words)
        return text_to_image(f"a {words} {case.shape} on a white background", case.seed)

    one = draw([request(case, case.colour) for case in cases])
    two = draw([request(case, case.other) for case in cases])
    sign = -1 if negative else 1
    return [
        sign * leaning(first, case.colour, case.other) > sign * leaning(second, case.colour, case.other)
        for first, second, case in zip(one, two, cases, strict=True)
    ]


def _unwanted(draw: Draw, cases: list[Case]) -> list[bool]:
    """The background that a picture has when nobody says one, as the negative prompt of the same seed."""
    prompts = [f"a {case.colour} {case.shape}" for case in cases]
    free = draw([text_to_image(prompt, case.seed) for prompt, case in zip(prompts, cases, strict=True)])
    shown = [see(image).background or "white" for image in free]
    told = draw(
        [
            text_to_image(prompt, case.seed, negative=f"{background} background")
            for prompt, case, background in zip(prompts, cases, shown, strict=True)
        ]
    )
    return [see(image).background != background for image, background in zip(told, shown, strict=True)]


def _backgrounds(draw: Draw, cases: list[Case], said: str, expected: str) -> list[bool]:
    images = draw([text_to_image(f"a red {case.shape} on a {said} background", case.seed) for case in cases])
    return [see(image).background == expected for image in images]


def _colours(draw: Draw, cases: list[Case], before: str) -> list[bool]:
    images = draw(
        [
            text_to_image(f"{before}a {case.colour} {case.shape} on a white background", case.seed)
            for case in cases
        ]
    )
    return [colour_of(see(image)) == case.colour for image, case in zip(images, cases, strict=True)]


def _choices(draw: Draw, cases: list[Case]) -> list[bool]:
    requests = [
        text_to_image(f"a {{{'|'.join(_COLOURS)}}} {case.shape} on a white background", case.seed)
        for case in cases
    ]
    drawn = [spoken(request.text, request.seed).prompt_text.split()[1] for request in requests]
    return [colour_of(see(image)) == colour for image, colour in zip(draw(requests), drawn, strict=True)]
