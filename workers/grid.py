"""The picture that shows all images of a job at once."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

from core.request import Axis
from core.text import shorten

#: Pixels between two images.
_GAP = 4
_BACKGROUND = (32, 34, 37)
_INK = (235, 235, 235)
#: Characters of a label, and the least height of its letters.
_LABEL = 40
_SMALLEST = 12


def grid_webp(images: Sequence[Image.Image], axes: Sequence[Axis] = ()) -> tuple[bytes, tuple[int, int]]:
    """Images row by row in a near-square grid: the WebP file and its (width, height).

    With axes (down and across, or across alone) rows and columns are theirs, and bear their values. It is for
    looking at; the exact pixels are in each image's own file.
    """
    columns = len(axes[-1].values) if axes else math.ceil(math.sqrt(len(images)))
    rows = math.ceil(len(images) / columns)
    width, height = (max(sides) for sides in zip(*(image.size for image in images), strict=True))
    left = _widest([f"{axes[0].name} {value}" for value in axes[0].values], width) if len(axes) == 2 else 0
    top = _letter_height(width) * 2 if axes else 0
    size = (left + columns * (width + _GAP) - _GAP, top + rows * (height + _GAP) - _GAP)
    grid = Image.new("RGB", size, color=_BACKGROUND)
    for position, image in enumerate(images):
        row, column = divmod(position, columns)
        across, down = (width - image.width) // 2, (height - image.height) // 2
        grid.paste(image, (left + column * (width + _GAP) + across, top + row * (height + _GAP) + down))
    if axes:
        for column, value in enumerate(axes[-1].values):
            centre = left + column * (width + _GAP) + width // 2
            _write(grid, f"{axes[-1].name} {value}", (centre, top // 2), width)
    if len(axes) == 2:
        for row, value in enumerate(axes[0].values):
            middle = top + row * (height + _GAP) + height // 2
            _write(grid, f"{axes[0].name} {value}", (left // 2, middle), left, width)
    return webp(grid, quality=92), grid.size


def webp(image: Image.Image, *, quality: int) -> bytes:
    """The image as a WebP file; quality 0..100."""
    buffer = io.BytesIO()
    image.save(buffer, format="WEBP", quality=quality)
    return buffer.getvalue()


def _write(
    grid: Image.Image, text: str, centre: tuple[int, int], width: int, most: int | None = None
) -> None:
    """The text in the middle of a field that is so wide, as large as it fits (and as one of `most` would)."""
    draw = ImageDraw.Draw(grid)
    text = shorten(text, _LABEL)
    height = _letter_height(most or width)
    while height > _SMALLEST and draw.textlength(text, font=ImageFont.load_default(height)) > width - _GAP:
        height -= 1
    draw.text(centre, text, fill=_INK, font=ImageFont.load_default(height), anchor="mm")


def _widest(labels: Sequence[str], width: int) -> int:
    """Pixels that the longest label takes in letters as those of columns of this width, and some air."""
    font = ImageFont.load_default(_letter_height(width))
    return math.ceil(max(font.getlength(shorten(label, _LABEL)) for label in labels)) + 4 * _GAP


def _letter_height(width: int) -> int:
    return max(_SMALLEST, min(width // 10, 40))
