"""Soft edges by HED: gray, the surer the whiter."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from core.guides import ControlUnit
from models.control.preprocessors import Preprocessor
from models.control.preprocessors.pixels import from_edges, load_weights, to_batch

if TYPE_CHECKING:
    import torch

WEIGHTS = "hed.safetensors"


def load(weights: Path | None, device: torch.device) -> Preprocessor:
    from models.control.nets.hed import HED

    net = load_weights(HED(), weights, device)

    def draw(picture: Image.Image, _unit: ControlUnit) -> Image.Image:
        return from_edges(net(to_batch(picture, device) * 255))

    return draw
