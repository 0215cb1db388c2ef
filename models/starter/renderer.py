"""Draws a `Scene` at 128 px: rounded shapes in a soft palette, lit from above.

A thing is painted once for each (shape, style, colour, size) and kept, so that a picture costs a tenth of a
millisecond or so. `paint` is also where the checker gets its templates from.
"""

from __future__ import annotations

from functools import cache, lru_cache
from math import cos, pi, sin

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from models.starter.scenes import BACKGROUNDS, CELL, COLOURS, SIDE, Scene

Floats = NDArray[np.float32]

_FINE = 8
"""Supersampling of the outlines."""
STRIPE = 16
"""Height of a stripe, px."""
STROKE = 10
"""Width of the line of an outlined thing, px."""


def _regular(points: int, inner: float) -> list[tuple[float, float]]:
    """The corners of a star around (.5, .5) that points up."""
    radii = (0.5, inner)
    angles = [(radii[i % 2], pi * i / points - pi / 2) for i in range(2 * points)]
    return [(0.5 + r * cos(a), 0.5 + r * sin(a)) for r, a in angles]


def _heart() -> list[tuple[float, float]]:
    """The well-known heart curve, y downwards."""
    turns = [2 * pi * i / 90 for i in range(90)]
    return [
        (0.5 + sin(t) ** 3 / 2, 0.5 - (13 * cos(t) - 5 * cos(2 * t) - 2 * cos(3 * t) - cos(4 * t)) / 34)
        for t in turns
    ]


_POLYGONS = {
    "square": [(0, 0), (1, 0), (1, 1), (0, 1)],
    "triangle": [(0.5, 0), (1, 1), (0, 1)],
    "star": _regular(5, 0.225),
    "heart": _heart(),
    "cross": [
        (0.32, 0), (0.68, 0), (0.68, 0.32), (1, 0.32), (1, 0.68), (0.68, 0.68),
        (0.68, 1), (0.32, 1), (0.32, 0.68), (0, 0.68), (0, 0.32), (0.32, 0.32),
    ],
    "diamond": [(0.5, 0), (1, 0.5), (0.5, 1), (0, 0.5)],
}  # fmt: skip


@cache
def _outline(shape: str, size: int) -> NDArray[np.uint8]:
    """A shape that fills a square of `size` px, supersampled: 0 or 255, (size·8, size·8)."""
    side, margin = size * _FINE, size
    sheet = Image.new("L", (side + 2 * margin,) * 2)
    draw = ImageDraw.Draw(sheet)
    if shape in ("circle", "moon"):
        draw.ellipse((margin, margin, margin + side, margin + side), fill=255)
    else:
        draw.polygon([(margin + x * side, margin + y * side) for x, y in _POLYGONS[shape]], fill=255)
    if shape == "moon":
        bite, left = 0.72 * side, margin + 0.42 * side
        top = margin + 0.14 * side
        draw.ellipse((left, top, left + bite, top + bite), fill=0)
    soft = cv2.GaussianBlur(np.asarray(sheet), (0, 0), 0.025 * side)  # blur and threshold: rounded corners
    solid = (soft > 127).astype(np.uint8) * 255
    rows, columns = np.flatnonzero(solid.any(1)), np.flatnonzero(solid.any(0))
    tight = solid[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return cv2.resize(tight, (side, side), interpolation=cv2.INTER_NEAREST)


def _shrink(mask: NDArray[np.uint8], size: int) -> Floats:
    """The share of each of size×size fields that a 0-or-255 mask covers, 0..1."""
    return cv2.resize(mask, (size, size), interpolation=cv2.INTER_AREA).astype(np.float32) / 255


def _mix(colour: Floats, other: tuple[int, int, int], share: float) -> Floats:
    return colour * (1 - share) + np.array(other, np.float32) * share


def _tint(name: str) -> Floats:
    """The lighter tone that goes with a colour: cool gray for white, dark gray for black."""
    colour = np.array(COLOURS[name], np.float32)
    if name == "white":
        return _mix(colour, (150, 164, 190), 0.75)
    return _mix(colour, (255, 255, 255), 0.35 if name == "black" else 0.62)


def light(height: int) -> Floats:
    """Light from above, as a factor on each row: 1.04 down to 0.96, (height, 1, 1)."""
    return np.linspace(1.04, 0.96, height, dtype=np.float32)[:, None, None]


def _blocks(shape: str, size: int) -> NDArray[np.bool_]:
    """The cells of 8 px that a pixel-art thing is made of."""
    return _shrink(_outline(shape, size), size // CELL) > 0.42


def _pixel_tones(cells: NDArray[np.bool_], name: str) -> Floats:
    """Colours of the cells: lit on the upper left rim, shaded on the lower right one."""
    colour = np.array(COLOURS[name], np.float32)
    around = np.pad(cells, 1)
    lit = cells & ~(around[:-2, 1:-1] & around[1:-1, :-2])
    shaded = cells & ~lit & ~(around[2:, 1:-1] & around[1:-1, 2:])
    tones = np.broadcast_to(colour, (*cells.shape, 3)).copy()
    tones[lit] = _mix(colour, (255, 255, 255), 0.45) if name != "white" else colour
    tones[shaded] = colour * 0.68 if name != "black" else _mix(colour, (0, 0, 0), 0.8)
    return tones


@lru_cache(maxsize=4096)
def paint(shape: str, style: str, colour: str, size: int) -> tuple[Floats, Floats]:
    """One thing by itself: its colours 0..255 (size, size, 3) and its cover 0..1 (size, size, 1)."""
    tone = np.array(COLOURS[colour], np.float32)
    body = np.broadcast_to(tone, (size, size, 3)).copy()
    if style == "pixel-art":
        cells = _blocks(shape, size)
        body = np.repeat(np.repeat(_pixel_tones(cells, colour), CELL, 0), CELL, 1)
        cover = np.repeat(np.repeat(cells.astype(np.float32), CELL, 0), CELL, 1)
    elif style == "outlined":
        fine = _outline(shape, size)
        deep = cv2.distanceTransform(np.pad(fine, 1), cv2.DIST_L2, 5)[1:-1, 1:-1] > STROKE * _FINE
        cover = _shrink(np.where(deep, 0, fine).astype(np.uint8), size)
    else:
        cover = _shrink(_outline(shape, size), size)
    if style == "striped":
        body[np.arange(size) // STRIPE % 2 == 1] = _tint(colour)
    if style != "pixel-art":
        body = np.clip(body * light(size), 0, 255)
    return body, cover[..., None]


@cache
def backdrop(background: str) -> Floats:
    """An empty background, 0..255, (128, 128, 3)."""
    tone = np.array(BACKGROUNDS[background], np.float32)
    return np.clip(np.broadcast_to(tone, (SIDE, SIDE, 3)) * light(SIDE), 0, 255)


def pixels(scene: Scene) -> NDArray[np.uint8]:
    """A drawn scene as (128, 128, 3) bytes; it needs a background and a place for each thing."""
    if scene.background is None or len(scene.places) != len(scene.things):
        raise ValueError("only a scene with a background and with places can be drawn")
    sheet = backdrop(scene.background).copy()
    for thing, place in zip(scene.things, scene.places, strict=True):
        body, cover = paint(thing.shape, thing.style, thing.colour, place.size)
        spot = sheet[place.top : place.top + place.size, place.left : place.left + place.size]
        spot += (body - spot) * cover
    return (sheet + 0.5).astype(np.uint8)


def draw(scene: Scene) -> Image.Image:
    """A drawn scene as a picture of 128×128 px."""
    return Image.fromarray(pixels(scene))
