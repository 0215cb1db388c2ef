"""The shipped LoRA: at a weight of 1 its style is there, at 0 nothing has changed."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from bench.meaning.cases import Case, Draw, order
from core.request import Adapter
from models.engine.api import ImageTask
from models.starter.checker import TAUGHT, see
from models.starter.grammar import describe
from models.starter.scenes import TAUGHT_STYLES, one_thing

TITLE = "a LoRA brings its style, and weight 0 changes nothing"
GOAL = 0.8
_STYLE = TAUGHT_STYLES[0]


def cases(count: int) -> list[Case]:
    return [_case(seed) for seed in range(count)]


def _case(seed: int) -> Case:
    """The base model has never seen the style that the words ask for."""
    chance = Random(seed)
    scene = one_thing(chance, _STYLE)
    plain = order(describe(scene, chance), seed)

    def holds(draw: Draw) -> bool:
        at = [replace(plain, adapters=(Adapter(name=_STYLE, weight=weight),)) for weight in (0.0, 1.0)]
        base, none, full = draw(*[ImageTask(request=request) for request in (plain, *at)])
        seen = [sight.thing for sight in see(full, TAUGHT).sights]
        shown = [sight.thing.style for sight in see(base, TAUGHT).sights]
        assert base.tobytes() == none.tobytes()
        return seen == list(scene.things) and _STYLE not in shown

    return Case(name=f"{plain.text.prompt} ({seed})", holds=holds)
