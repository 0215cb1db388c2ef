"""A thing named in words, found by CLIPSeg (Lüddecke & Ecker 2022)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from core.stages import MakeMask
from models.masks import Masker

if TYPE_CHECKING:
    import torch

#: From this probability on a pixel belongs to the thing.
_SURE = 0.4


def load(weights: Path, device: torch.device) -> Masker:
    import torch
    from torch.nn.functional import interpolate
    from transformers import AutoTokenizer, CLIPSegForImageSegmentation
    from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil

    processor = ViTImageProcessorPil.from_pretrained(weights, local_files_only=True)
    tokenizer = AutoTokenizer.from_pretrained(weights, local_files_only=True)
    model = CLIPSegForImageSegmentation.from_pretrained(weights, local_files_only=True, use_safetensors=True)
    model = model.eval().to(device)

    def find(picture: Image.Image, stage: MakeMask) -> Image.Image:
        pixels = processor(picture.convert("RGB"), return_tensors="pt").pixel_values
        words = tokenizer(stage.text, truncation=True, return_tensors="pt")
        # (h, w) without the batch where it is of one
        logits = model(pixel_values=pixels.to(device), **words.to(device)).logits
        seen = logits.view(1, 1, *logits.shape[-2:]).sigmoid()
        seen = interpolate(seen, picture.size[::-1], mode="bilinear", align_corners=False)[0, 0]
        return Image.fromarray(np.where(torch.ge(seen, _SURE).cpu().numpy(), 255, 0).astype(np.uint8))

    return find
