"""Draws a `Scene` at 128 px: rounded shapes in a soft palette, lit from above.

A thing is painted once for each (shape, style, colour, size) and kept, so that a picture costs a tenth of a
millisecond or so. `paint` is also where the checker gets its templates from. The same scene can be drawn at
a larger `scale`, every line in proportion: what an upscaler should make of it.
"""

from __future__ import annotations

from functools import cache, lru_cache
from math import cos, pi, sin

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from models.starter.scenes import BACKGROUNDS, CELL, COLOURS, SIDE, TAUGHT_COLOURS, Scene

Floats = NDArray[np.float32]

_FINE = 8
"""Supersampling of the outlines."""
STRIPE = 16
"""Height of a stripe, px."""
STROKE = 10
"""Width of the line of an outlined thing, px."""
_PAINTS = COLOURS | TAUGHT_COLOURS


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
    colour = np.array(_PAINTS[name], np.float32)
    if name == "white":
        return _mix(colour, (150, 164, 190), 0.75)
    return _mix(colour, (255, 255, 255), 0.35 if name == "black" else 0.62)


def _light(height: int) -> Floats:
    """Light from above, as a factor on each row: 1.04 down to 0.96, (height, 1, 1)."""
    return np.linspace(1.04, 0.96, height, dtype=np.float32)[:, None, None]


def _blocks(shape: str, size: int) -> NDArray[np.bool_]:
    """The cells of 8 px that a pixel-art thing is made of."""
    return _shrink(_outline(shape, size), size // CELL) > 0.42


def _pixel_tones(cells: NDArray[np.bool_], name: str) -> Floats:
    """Colours of the cells: lit on the upper left rim, shaded on the lower right one."""
    colour = np.array(_PAINTS[name], np.float32)
    around = np.pad(cells, 1)
    lit = cells & ~(around[:-2, 1:-1] & around[1:-1, :-2])
    shaded = cells & ~lit & ~(around[2:, 1:-1] & around[1:-1, 2:])
    tones = np.broadcast_to(colour, (*cells.shape, 3)).copy()
    tones[lit] = _mix(colour, (255, 255, 255), 0.45) if name != "white" else colour
    tones[shaded] = colour * 0.68 if name != "black" else _mix(colour, (0, 0, 0), 0.8)
    return tones


def _second_tone(style: str, side: int, scale: int) -> NDArray[np.bool_]:
    """Where a striped or quartered thing has its lighter tone: broadcasts over (side, side)."""
    if style == "striped":
        return (np.arange(side) // (STRIPE * scale) % 2 == 1)[:, None]
    if style == "quartered":
        far = np.arange(side) >= side // 2
        return far[:, None] ^ far
    return np.zeros((1, 1), bool)


@lru_cache(maxsize=4096)
def paint(shape: str, style: str, colour: str, size: int, scale: int = 1) -> tuple[Floats, Floats]:
    """One thing by itself, s = size·scale px: its colours 0..255 (s, s, 3) and its cover 0..1 (s, s, 1)."""
    side = size * scale
    tone = np.array(_PAINTS[colour], np.float32)
    if style == "pixel-art":
        cells = _blocks(shape, size)
        block = np.ones((CELL * scale,) * 2, np.float32)
        return np.kron(_pixel_tones(cells, colour), block[..., None]), np.kron(cells, block)[..., None]
    fine = _outline(shape, side)
    if style == "outlined":
        deep = cv2.distanceTransform(np.pad(fine, 1), cv2.DIST_L2, 5)[1:-1, 1:-1] > STROKE * scale * _FINE
        fine = np.where(deep, 0, fine).astype(np.uint8)
    second = _second_tone(style, side, scale)[..., None]
    body = np.broadcast_to(np.where(second, _tint(colour), tone), (side, side, 3))
    return np.clip(body * _light(side), 0, 255), _shrink(fine, side)[..., None]


@cache
def backdrop(background: str, scale: int = 1) -> Floats:
    """An empty background, 0..255, (128·scale, 128·scale, 3)."""
    side = SIDE * scale
    tone = np.array(BACKGROUNDS[background], np.float32)
    return np.clip(np.broadcast_to(tone, (side, side, 3)) * _light(side), 0, 255)


def pixels(scene: Scene, scale: int = 1) -> NDArray[np.uint8]:
    """A drawn scene as (128·scale, 128·scale, 3) bytes; it needs a background and a place for each thing."""
    if scene.background is None or len(scene.places) != len(scene.things):
        raise ValueError("only a scene with a background and with places can be drawn")
    sheet = backdrop(scene.background, scale).copy()
    for thing, place in zip(scene.things, scene.places, strict=True):
        body, cover = paint(thing.shape, thing.style, thing.colour, place.size, scale)
        left, top, side = (scale * length for length in (place.left, place.top, place.size))
        spot = sheet[top : top + side, left : left + side]
        spot += (body - spot) * cover
    return (sheet + 0.5).astype(np.uint8)


def draw(scene: Scene, scale: int = 1) -> Image.Image:
    """A drawn scene as a picture of 128·scale px a side."""
    return Image.fromarray(pixels(scene, scale))
