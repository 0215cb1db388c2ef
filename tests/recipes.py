"""The recipe that a finished picture's file carries."""

from __future__ import annotations

import io
import json

from PIL import Image

from core.png import RECIPE_CHUNK
from core.recipe import Recipe


def recipe_of(png: bytes) -> Recipe:
    """Raises KeyError where it carries none."""
    with Image.open(io.BytesIO(png), formats=("PNG",)) as image:
        return Recipe.from_json(json.loads(image.text[RECIPE_CHUNK]))
