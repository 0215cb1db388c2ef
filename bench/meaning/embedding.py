"""The shipped textual inversion: a colour that the base model has no word for; weight 0 leaves it out."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from PIL import Image

from bench.meaning.cases import Case, Draw, order
from models.engine.api import ImageTask
from models.starter.checker import TAUGHT, see
from models.starter.grammar import describe
from models.starter.scenes import TAUGHT_COLOURS, one_thing

TITLE = "a textual inversion brings its colour, and weight 0 changes nothing"
GOAL = 0.8
_COLOUR = next(iter(TAUGHT_COLOURS))


def cases(count: int) -> list[Case]:
    return [_case(seed) for seed in range(count)]


def _case(seed: int) -> Case:
    """The same picture with the learnt word, with the known colour that is most like it, and with neither."""
    chance = Random(seed)
    drawn = one_thing(chance, "flat")
    scene = replace(drawn, things=(replace(drawn.things[0], colour=_COLOUR),))
    words = describe(scene, chance)
    said = (f"<{_COLOUR}> ", "green ", f"(<{_COLOUR}>:0) ", "")
    tasks = [ImageTask(request=order(words.replace(f"{_COLOUR} ", colour), seed)) for colour in said]

    def holds(draw: Draw) -> bool:
        learnt, green, none, without = draw(*tasks)
        colours, others = _colours(learnt), _colours(green)
        return colours == [_COLOUR] and _COLOUR not in others and none.tobytes() == without.tobytes()

    return Case(name=f"{words} ({seed})", holds=holds)


def _colours(picture: Image.Image) -> list[str]:
    return [sight.thing.colour for sight in see(picture, TAUGHT).sights]
