"""The shipped textual inversion: a colour that the base model has no word for."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from bench.meaning.cases import Case, Draw, order
from models.engine.api import ImageTask
from models.starter.checker import TAUGHT, see
from models.starter.grammar import describe
from models.starter.scenes import TAUGHT_COLOURS, one_thing

TITLE = "a textual inversion brings its colour"
GOAL = 0.8
_COLOUR = next(iter(TAUGHT_COLOURS))


def cases(count: int) -> list[Case]:
    return [_case(seed) for seed in range(count)]


def _case(seed: int) -> Case:
    """The same picture with the learnt word and with the known colour that is most like it."""
    chance = Random(seed)
    drawn = one_thing(chance, "flat")
    scene = replace(drawn, things=(replace(drawn.things[0], colour=_COLOUR),))
    words = describe(scene, chance)

    def holds(draw: Draw) -> bool:
        prompts = [words.replace(f"{_COLOUR} ", f"{said} ") for said in (f"<{_COLOUR}>", "green")]
        learnt, green = draw(*[ImageTask(request=order(prompt, seed)) for prompt in prompts])
        colours = [sight.thing.colour for sight in see(learnt, TAUGHT).sights]
        others = [sight.thing.colour for sight in see(green, TAUGHT).sights]
        return colours == [_COLOUR] and _COLOUR not in others

    return Case(name=f"{words} ({seed})", holds=holds)
