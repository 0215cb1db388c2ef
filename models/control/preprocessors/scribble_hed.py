"""A scribble by HED: the ridges of its soft edges as strokes, white on black."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from core.guides import ControlUnit
from models.control.preprocessors import Preprocessor, softedge

if TYPE_CHECKING:
    import torch

WEIGHTS = softedge.WEIGHTS

#: Edges at least this sure become strokes, 0..255.
_SURE = 127
#: Blur before ridges are looked for, and after, in pixels; what is brighter than this then is stroke.
_BLUR = 3.0
_STROKE = 4


def load(weights: Path | None, device: torch.device) -> Preprocessor:
    soft = softedge.load(weights, device)

    def draw(picture: Image.Image, unit: ControlUnit) -> Image.Image:
        return Image.fromarray(strokes(np.array(soft(picture, unit).convert("L")))).convert("RGB")

    return draw


def strokes(edges: np.ndarray) -> np.ndarray:
    """Soft edges (height, width) of 0..255 to strokes of 0 or 255: what no neighbour across it outshines."""
    import cv2

    blurred = cv2.GaussianBlur(edges.astype(np.float32), (0, 0), _BLUR)
    diagonal = np.eye(3, dtype=np.uint8)
    lines = [np.zeros((3, 3), np.uint8) for _ in range(2)]
    lines[0][1], lines[1][:, 1] = 1, 1
    ridge = np.zeros_like(edges)
    for across in (*lines, diagonal, diagonal[::-1].copy()):
        ridge[cv2.dilate(blurred, across) == blurred] = 1
    sure = np.where((ridge == 1) & (blurred > _SURE), 255, 0).astype(np.float32)
    return np.where(cv2.GaussianBlur(sure, (0, 0), _BLUR) > _STROKE, 255, 0).astype(np.uint8)
