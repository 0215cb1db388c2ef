"""How near things are, the nearer the whiter: by DPT (Ranftl 2021) or Depth Anything (Yang 2024)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from core.guides import ControlUnit
from models.control.preprocessors import Preprocessor
from models.control.preprocessors.pixels import from_edges

if TYPE_CHECKING:
    import torch

#: A folder as transformers saves it: the model, and its `preprocessor_config.json`.
WEIGHTS = "depth"


def load(weights: Path | None, device: torch.device) -> Preprocessor:
    from torch.nn.functional import interpolate
    from transformers import AutoModelForDepthEstimation
    from transformers.models.dpt.image_processing_pil_dpt import DPTImageProcessorPil

    processor = DPTImageProcessorPil.from_pretrained(weights, local_files_only=True)
    model = AutoModelForDepthEstimation.from_pretrained(weights, local_files_only=True, use_safetensors=True)
    model = model.eval().to(device)

    def draw(picture: Image.Image, _unit: ControlUnit) -> Image.Image:
        pixels = processor(picture.convert("RGB"), return_tensors="pt").pixel_values.to(device)
        # (1, h, w), larger where nearer, in no unit
        near = model(pixels).predicted_depth[None].float()
        near = interpolate(near, picture.size[::-1], mode="bicubic", align_corners=False)
        low, high = near.min(), near.max()
        return from_edges((near - low) / (high - low).clamp(min=1e-6))

    return draw
