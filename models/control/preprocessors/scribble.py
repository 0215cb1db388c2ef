"""Thick strokes, white on black, along the strongest edges of a softened picture: no network, no weights."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageFilter

from core.guides import ControlUnit
from models.control.preprocessors import Preprocessor

if TYPE_CHECKING:
    import torch

WEIGHTS = None

#: Strokes are this share of the shorter side wide.
_STROKE = 1 / 100


def load(_weights: Path | None, _device: torch.device) -> Preprocessor:
    return draw


def draw(picture: Image.Image, unit: ControlUnit) -> Image.Image:
    import cv2

    stroke = max(2, round(min(picture.size) * _STROKE))
    soft = picture.convert("RGB").filter(ImageFilter.GaussianBlur(stroke / 2))
    edges = cv2.Canny(np.array(soft), *unit.thresholds)
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (stroke, stroke))
    return Image.fromarray(cv2.dilate(edges, brush)).convert("RGB")
