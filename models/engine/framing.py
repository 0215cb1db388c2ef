"""Given pictures at the size that is drawn: cropped to its shape, or whole, and then back at their own."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageOps

_FILTER = Image.Resampling.LANCZOS


def fit(picture: Image.Image, width: int, height: int) -> Image.Image:
    """The picture scaled and cropped to this many pixels; one of that size comes back unchanged."""
    if picture.size == (width, height):
        return picture
    return ImageOps.fit(picture, (width, height), _FILTER)


def framed(picture: Image.Image, width: int, height: int, whole: tuple[int, int] | None) -> Image.Image:
    """All of the picture (RGB or L), or of a mask of it, in the middle of width x height pixels.

    Its edges are drawn out to where its shape leaves room.

    Args:
        whole: (width, height) of the given picture; None: as `fit`.
    """
    if whole is None:
        return fit(picture, width, height)
    left, top, right, bottom = _box(whole, width, height)
    small = np.asarray(picture.resize((right - left, bottom - top), _FILTER))
    around = ((top, height - bottom), (left, width - right), (0, 0))
    return Image.fromarray(np.pad(small, around[: small.ndim], mode="edge"))


def unframed(picture: Image.Image, whole: tuple[int, int]) -> Image.Image:
    """What lies where `framed` laid a picture of this (width, height), at that size."""
    return picture.crop(_box(whole, *picture.size)).resize(whole, _FILTER)


def _box(whole: tuple[int, int], width: int, height: int) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what is whole within width x height pixels."""
    scale = min(width / whole[0], height / whole[1])
    inner = (max(1, round(whole[0] * scale)), max(1, round(whole[1] * scale)))
    left, top = (width - inner[0]) // 2, (height - inner[1]) // 2
    return left, top, left + inner[0], top + inner[1]
