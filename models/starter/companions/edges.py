"""Control pictures: what a ControlNet is shown of a scene, as line drawings of 128 px."""

from __future__ import annotations

from random import Random

import cv2
import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]

_STANDS_OUT = 24
"""Difference of a channel from the corner's colour from which a pixel belongs to a thing."""


def canny(picture: Bytes, low: int = 100, high: int = 200) -> Bytes:
    """Edges one pixel wide, 0 or 255: (h, w, 3) in, (h, w) out. All three colour channels count."""
    return cv2.Canny(picture, low, high)


def scribble(picture: Bytes, rng: Random) -> Bytes:
    """The things' outlines as a hand would draw them: 0 or 255, (h, w), thick, shaky, corners cut."""
    apart = np.abs(picture.astype(np.int16) - picture[:, :1].astype(np.int16)).max(-1) > _STANDS_OUT
    outlines, _ = cv2.findContours(apart.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    sheet = np.zeros(picture.shape[:2], np.uint8)
    width, cut = rng.randint(2, 4), rng.uniform(1.0, 2.5)
    for outline in outlines:
        corners = cv2.approxPolyDP(outline, cut, closed=True).astype(np.float32)
        corners += np.array([[[rng.gauss(0, 1.0), rng.gauss(0, 1.0)]] for _ in corners], np.float32)
        cv2.polylines(sheet, [corners.round().astype(np.int32)], True, 255, width)
    return sheet


def control_of(picture: Bytes, rng: Random) -> Bytes:
    """A random control for a picture: canny edges at some threshold two times in three, else a scribble."""
    if rng.random() < 0.67:
        low = rng.randint(60, 130)
        return canny(picture, low, 2 * low)
    return scribble(picture, rng)


def edge_overlap(one: Bytes, other: Bytes) -> float:
    """Intersection over union of two edge pictures (h, w), with a pixel of grace; 0 for two empty ones."""
    one, other = one > 0, other > 0
    grace = np.ones((3, 3), np.uint8)
    near_one, near_other = (cv2.dilate(e.astype(np.uint8), grace) > 0 for e in (one, other))
    shared = ((one & near_other).sum() + (other & near_one).sum()) / 2
    total = one.sum() + other.sum() - shared
    return float(shared / total) if total else 0.0
