"""Inpainting: the masked thing becomes what was asked, and the rest stays bit for bit."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import numpy as np
from PIL import Image

from bench.meaning.cases import Case, Draw, denoise, named, order
from core.stages import Composite, Decode, EncodeImage
from models.engine.api import ImageTask
from models.starter.checker import check
from models.starter.grammar import describe
from models.starter.renderer import draw as render
from models.starter.scenes import CELL, SIDE, Scene, Thing, one_thing, random_colour_shape

TITLE = "inpainting turns the masked thing into what was asked, and leaves the rest"
GOAL = 0.9


def cases(count: int) -> list[Case]:
    return [_case(seed) for seed in range(count)]


def _case(seed: int) -> Case:
    chance = Random(seed)
    before = one_thing(chance, style="flat")
    colour, shape = random_colour_shape(chance, str(before.background))
    after = Scene(before.background, (Thing(shape, colour),), None, before.places)
    prompt = describe(replace(after, places=()), chance)
    source, mask = render(before), _mask(before)
    names = named(source), named(mask)
    request = order(
        prompt,
        seed,
        EncodeImage(image=names[0], width=SIDE, height=SIDE),
        denoise(strength=1.0, mask=names[1], steps=16),
        Decode(),
        Composite(image=names[0], mask=names[1]),
    )

    def holds(draw: Draw) -> bool:
        (picture,) = draw(ImageTask(request=request, inputs=dict(zip(names, (source, mask), strict=True))))
        kept = np.asarray(mask) == 0
        assert np.array_equal(np.asarray(picture)[kept], np.asarray(source)[kept])
        return check(picture, after).ok

    return Case(name=f"{prompt} ({seed})", holds=holds)


def _mask(scene: Scene) -> Image.Image:
    """White over the thing and a cell around it."""
    place = scene.places[0]
    mask = Image.new("L", (SIDE, SIDE), 0)
    left, top = (max(0, edge - CELL) for edge in (place.left, place.top))
    right, bottom = (min(SIDE, edge + place.size + CELL) for edge in (place.left, place.top))
    mask.paste(255, (left, top, right, bottom))
    return mask
