"""Canny's edges (Canny 1986), white on black."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from core.guides import ControlUnit
from models.control.preprocessors import Preprocessor

if TYPE_CHECKING:
    import torch

WEIGHTS = None


def load(_weights: Path | None, _device: torch.device) -> Preprocessor:
    return draw


def draw(picture: Image.Image, unit: ControlUnit) -> Image.Image:
    import cv2

    edges = cv2.Canny(np.array(picture.convert("RGB")), *unit.thresholds)
    return Image.fromarray(edges).convert("RGB")
