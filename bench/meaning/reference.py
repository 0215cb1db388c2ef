"""A reference: with no words at all, the picture has its background and its colour."""

from __future__ import annotations

from random import Random

from PIL import Image

from bench.meaning.cases import Case, Draw, denoise, named, order
from core.guides import Reference
from core.stages import Decode
from models.engine.api import ImageTask
from models.starter.checker import see
from models.starter.renderer import draw as render
from models.starter.scenes import Scene, one_thing

TITLE = "a reference alone brings its background and its colour"
GOAL = 0.85

#: The shipped IP-Adapter.
NAME = "ip-adapter"


def cases(count: int) -> list[Case]:
    return [_case(seed) for seed in range(count)]


def _case(seed: int) -> Case:
    scene = one_thing(Random(f"reference {seed}"), "flat")
    source = render(scene)

    def task(scale: float) -> ImageTask:
        reference = Reference(model=NAME, images=(named(source),), scale=scale)
        request = order("", seed, denoise(references=(reference,)), Decode())
        return ImageTask(request=request, inputs={named(source): source})

    def holds(draw: Draw) -> bool:
        followed, free = draw(task(1.0), task(0.0))
        return _is_like(followed, scene) and not _is_like(free, scene)

    (thing,) = scene.things
    return Case(name=f"{thing.colour} {thing.shape}, {scene.background} ({seed})", holds=holds)


def _is_like(picture: Image.Image, scene: Scene) -> bool:
    """Whether it has the scene's background, and on it something of the scene's colour."""
    seen = see(picture)
    colours = [sight.thing.colour for sight in seen.sights]
    return seen.background == scene.background and scene.things[0].colour in colours
