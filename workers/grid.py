"""The picture that shows all images of a job at once."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence

from PIL import Image

#: Pixels between two images.
_GAP = 4


def grid_webp(images: Sequence[Image.Image]) -> tuple[bytes, tuple[int, int]]:
    """Images of one size, row by row in a near-square grid: the WebP file and its (width, height).

    It is for looking at; the exact pixels are in each image's own file.
    """
    columns = math.ceil(math.sqrt(len(images)))
    rows = math.ceil(len(images) / columns)
    width, height = images[0].size
    grid = Image.new(
        "RGB", (columns * (width + _GAP) - _GAP, rows * (height + _GAP) - _GAP), color=(32, 34, 37)
    )
    for position, image in enumerate(images):
        row, column = divmod(position, columns)
        grid.paste(image, (column * (width + _GAP), row * (height + _GAP)))
    return webp(grid, quality=92), grid.size


def webp(image: Image.Image, *, quality: int) -> bytes:
    """The image as a WebP file; quality 0..100."""
    buffer = io.BytesIO()
    image.save(buffer, format="WEBP", quality=quality)
    return buffer.getvalue()
