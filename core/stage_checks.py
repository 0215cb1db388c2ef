"""What the values of stages are checked for, however they came."""

from __future__ import annotations

import re

from core.errors import BadOption
from core.words import _

_IMAGE = re.compile("[0-9a-f]{64}")


def check_image(option: str, image: str) -> None:
    """Raises BadOption unless it is the SHA-256 of a picture."""
    if not _IMAGE.fullmatch(image):
        raise BadOption(option, image, _("that names no stored picture."))


def check_number(option: str, value: float, low: float, high: float) -> None:
    """Raises BadOption unless it is a number from low to high."""
    # Written so that NaN fails too.
    if not low <= value <= high:
        raise BadOption(option, value, _("choose {low:g} to {high:g}.", low=low, high=high))


def check_sides(width: int, height: int) -> None:
    """Raises BadOption unless both are multiples of 8 pixels."""
    for option, side in (("width", width), ("height", height)):
        if side < 8 or side % 8:
            raise BadOption(option, side, _("choose a multiple of 8."))
