"""Pictures to look at."""

from __future__ import annotations

from PIL import Image, ImageDraw


def disc(size: tuple[int, int] = (96, 64), *, colour: str = "red", ground: str = "navy") -> Image.Image:
    """A disc in the middle."""
    picture = Image.new("RGB", size, ground)
    across, down, radius = size[0] / 2, size[1] / 2, min(size) / 3
    box = (across - radius, down - radius, across + radius, down + radius)
    ImageDraw.Draw(picture).ellipse(box, fill=colour)
    return picture
