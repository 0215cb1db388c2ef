"""Negative prompts: the colour that is not wanted goes."""

from __future__ import annotations

from random import Random

from bench.meaning.cases import Case, Draw, order
from models.engine.api import ImageTask
from models.starter.checker import Seen, see
from models.starter.scenes import BACKGROUNDS, SHAPES

TITLE = "a negative prompt drives its colour out"
GOAL = 0.9


def cases(count: int) -> list[Case]:
    return [_case(seed) for seed in range(count)]


def _case(seed: int) -> Case:
    """The words name no colour for the thing; the one that comes of itself is then refused."""
    chance = Random(seed)
    prompt = f"a {chance.choice(SHAPES)} on a {chance.choice(tuple(BACKGROUNDS))} background"

    def holds(draw: Draw) -> bool:
        (plain,) = draw(ImageTask(request=order(prompt, seed)))
        colours = _colours(see(plain))
        if not colours:
            return False
        unwanted = colours[0]
        (refused,) = draw(ImageTask(request=order(prompt, seed, negative=unwanted)))
        return unwanted not in _colours(see(refused))

    return Case(name=f"{prompt} ({seed})", holds=holds)


def _colours(seen: Seen) -> list[str]:
    return [sight.thing.colour for sight in seen.sights]
