"""Masks: which part of a picture is painted anew (white), and which stays (black)."""

from __future__ import annotations

from PIL import Image

from core.errors import BadOption
from core.words import _

#: How much a mask's shape (width over height) may differ from its picture's.
_SHAPE_SLACK = 0.03
#: Above this a pixel counts as white, as in the engine.
_WHITE = 127


def fitting_mask(mask: Image.Image, size: tuple[int, int], *, name: str) -> Image.Image:
    """The mask (L, 8 bit) at its picture's size (width, height).

    Args:
        name: what a refusal calls it.

    Raises:
        BadOption: it has another shape than the picture, or leaves all of it as it is.
    """
    shape, wanted = mask.width / mask.height, size[0] / size[1]
    if abs(shape / wanted - 1) > _SHAPE_SLACK:
        allowed = _(
            "it is {width}x{height}, the picture {wanted_width}x{wanted_height}; give it the same shape.",
            width=mask.width,
            height=mask.height,
            wanted_width=size[0],
            wanted_height=size[1],
        )
        raise BadOption("mask", name, allowed)
    fitting = mask.resize(size, Image.Resampling.BILINEAR)
    lightest = fitting.getextrema()[1]
    if not isinstance(lightest, int | float) or lightest <= _WHITE:
        raise BadOption("mask", name, _("nothing in it is white; white marks what is painted anew."))
    return fitting
