"""Colours of the things in pictures, for modes that steer them."""

from __future__ import annotations

from random import Random

import numpy as np
from PIL import Image

from bench.meaning.cases import values
from models.starter.checker import see
from models.starter.scenes import COLOURS

#: Colours that are far apart, and shapes that the model draws well.
NAMES = ("red", "green", "blue", "yellow", "purple", "black")
SHAPES = ("circle", "square", "star", "heart")


def two_colours_and_a_shape(seed: int) -> tuple[str, str, str]:
    chance = Random(seed)
    one, other = chance.sample(NAMES, 2)
    return one, other, chance.choice(SHAPES)


def colour_shown(picture: Image.Image) -> str | None:
    """Colour of the one thing in the picture; None where there are more or none."""
    sights = see(picture).sights
    return sights[0].thing.colour if len(sights) == 1 else None


def leaning(picture: Image.Image, towards: str, away_from: str) -> float:
    """How much nearer the picture is to one colour than to the other: a mean distance in RGB, 0..442."""
    far, near = (
        np.linalg.norm(values(picture) - COLOURS[name], axis=-1).mean() for name in (away_from, towards)
    )
    return float(far - near)
