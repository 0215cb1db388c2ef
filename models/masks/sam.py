"""The thing under a point, found by Segment Anything (Kirillov et al. 2023)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from core.stages import MakeMask
from models.masks import Masker

if TYPE_CHECKING:
    import torch


def load(weights: Path, device: torch.device) -> Masker:
    from transformers import SamModel, SamProcessor
    from transformers.models.sam.image_processing_pil_sam import SamImageProcessorPil

    processor = SamProcessor(SamImageProcessorPil.from_pretrained(weights, local_files_only=True))
    model = SamModel.from_pretrained(weights, local_files_only=True, use_safetensors=True).eval().to(device)

    def find(picture: Image.Image, stage: MakeMask) -> Image.Image:
        across, down = stage.point or (0.5, 0.5)
        point = [across * (picture.width - 1), down * (picture.height - 1)]
        inputs = processor(picture.convert("RGB"), input_points=[[point]], return_tensors="pt").to(device)
        outputs = model(pixel_values=inputs["pixel_values"], input_points=inputs["input_points"].float())
        masks = processor.image_processor.post_process_masks(
            outputs.pred_masks.cpu(), inputs["original_sizes"].cpu(), inputs["reshaped_input_sizes"].cpu()
        )[0][0]
        # It offers a part, a thing and a whole; its own guess of their quality decides.
        best = masks[int(outputs.iou_scores[0, 0].argmax())]
        return Image.fromarray(np.where(best.numpy(), 255, 0).astype(np.uint8))

    return find
