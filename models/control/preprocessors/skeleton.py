"""People as OpenPose draws them (Cao et al. 2019): 18 joints and 17 limbs in the colours of the rainbow."""

from __future__ import annotations

import colorsys
from collections.abc import Iterable

import numpy as np
from PIL import Image

#: A joint less sure is not drawn.
_SURE = 0.3
#: Limbs are drawn darker than joints, as the ControlNets for poses have learnt them.
_LIMB_BRIGHTNESS = 0.6

#: Which of COCO's joints is each of OpenPose's: nose, neck (COCO has none), then shoulder, elbow, wrist,
#: first the right ones; hip, knee, ankle likewise; then eyes and ears.
_FROM_COCO = [0, None, 6, 8, 10, 5, 7, 9, 12, 14, 16, 11, 13, 15, 2, 1, 4, 3]
_LEFT_SHOULDER, _RIGHT_SHOULDER = 5, 6

#: Limbs in the order of their colours: pairs of OpenPose's joints.
_LIMBS = (
    *((1, 2), (1, 5), (2, 3), (3, 4), (5, 6), (6, 7)),
    *((1, 8), (8, 9), (9, 10), (1, 11), (11, 12), (12, 13)),
    *((1, 0), (0, 14), (14, 16), (0, 15), (15, 17)),
)


def draw_people(size: tuple[int, int], people: Iterable[np.ndarray]) -> Image.Image:
    """A black picture of this size (width, height) with the people on it.

    Args:
        people: COCO's 17 joints of each, (17, 3): x and y in pixels, and how sure, 0..1.
    """
    import cv2

    canvas = np.zeros((size[1], size[0], 3), np.uint8)
    thick = max(1, round(min(size) / 128))
    for joints in map(_with_neck, people):
        for number, (one, other) in enumerate(_LIMBS):
            if min(joints[one, 2], joints[other, 2]) >= _SURE:
                colour = _colour(number, _LIMB_BRIGHTNESS)
                _draw_limb(canvas, joints[one, :2], joints[other, :2], thick, colour)
        for number, (x, y, sure) in enumerate(joints):
            if sure >= _SURE:
                cv2.circle(canvas, (round(x), round(y)), thick, _colour(number, 1.0), thickness=-1)
    return Image.fromarray(canvas)


def _with_neck(coco: np.ndarray) -> np.ndarray:
    """COCO's 17 joints as OpenPose's 18: the neck is half-way between the shoulders, as sure as the worse."""
    shoulders = coco[[_LEFT_SHOULDER, _RIGHT_SHOULDER]]
    neck = np.array([*shoulders[:, :2].mean(axis=0), shoulders[:, 2].min()])
    return np.stack([neck if place is None else coco[place] for place in _FROM_COCO]).astype(float)


def _draw_limb(
    canvas: np.ndarray, one: np.ndarray, other: np.ndarray, thick: int, colour: tuple[int, ...]
) -> None:
    """A filled ellipse from joint to joint."""
    import cv2

    (x, y), (across, down) = (one + other) / 2, other - one
    angle = round(np.degrees(np.arctan2(down, across)))
    length = round(np.hypot(across, down) / 2)
    outline = cv2.ellipse2Poly((round(x), round(y)), (length, thick), angle, 0, 360, 1)
    cv2.fillConvexPoly(canvas, outline, colour)


def _colour(number: int, brightness: float) -> tuple[int, ...]:
    """The n-th of 18 hues, red first."""
    red, green, blue = colorsys.hsv_to_rgb(number / len(_FROM_COCO), 1.0, brightness)
    return round(red * 255), round(green * 255), round(blue * 255)
