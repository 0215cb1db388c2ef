"""ControlNet: the picture's edges are those of the map, though the words do not tell the shape."""

from __future__ import annotations

from random import Random

import numpy as np
from PIL import Image

from bench.meaning.cases import Case, Draw, denoise, named, order
from core.guides import ControlUnit
from core.stages import Decode
from models.engine.api import ImageTask
from models.starter.companions.controlnet import colour_prompt
from models.starter.companions.edges import canny, edge_overlap
from models.starter.grammar import GROUPS, scene_for
from models.starter.renderer import draw as render

TITLE = "a canny map is followed: the edges are nearer to it than without"
GOAL = 0.9

#: The shipped ControlNet.
NAME = "lines"
#: How much of the edges has to be shared more than without the map (intersection over union).
_GAIN = 0.05


def cases(count: int) -> list[Case]:
    return [_case(seed) for seed in range(count)]


def _case(seed: int) -> Case:
    chance = Random(f"control {seed}")
    scene = scene_for(chance, GROUPS[seed % len(GROUPS)])
    source = render(scene)
    prompt = colour_prompt(scene, chance)

    def task(scale: float) -> ImageTask:
        unit = ControlUnit(model=NAME, image=named(source), preprocessor="canny", scale=scale)
        request = order(prompt, seed, denoise(controls=(unit,)), Decode())
        return ImageTask(request=request, inputs={named(source): source})

    def holds(draw: Draw) -> bool:
        followed, free = (_shared(picture, source) for picture in draw(task(1.0), task(0.0)))
        return followed > free + _GAIN

    return Case(name=f"{prompt} ({seed})", holds=holds)


def _shared(picture: Image.Image, source: Image.Image) -> float:
    """How much of both pictures' edges is the same, 0..1."""
    return edge_overlap(canny(np.asarray(picture)), canny(np.asarray(source)))
