"""Soft edges by PiDiNet: gray, the surer the whiter."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from core.guides import ControlUnit
from models.control.preprocessors import Preprocessor
from models.control.preprocessors.pixels import from_edges, load_weights, to_batch

if TYPE_CHECKING:
    import torch

WEIGHTS = "pidinet.safetensors"


def load(weights: Path | None, device: torch.device) -> Preprocessor:
    from models.control.nets.pidinet import PiDiNet, read_weights

    net = load_weights(PiDiNet(), weights, device, read_weights)

    def draw(picture: Image.Image, _unit: ControlUnit) -> Image.Image:
        # It was made to see blue first, as OpenCV reads pictures.
        return from_edges(net(to_batch(picture, device).flip(1)))

    return draw
