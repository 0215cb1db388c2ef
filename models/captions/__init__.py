"""Captioners: a picture in words, by BLIP (Li et al. 2022).

Each lies in `<model directory>/captioner/<name>`, a folder as transformers saves BLIP and its processor.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

if TYPE_CHECKING:
    import torch

#: An RGB picture to what it shows.
Captioner = Callable[[Image.Image], str]

_MOST_TOKENS = 40
_BEAMS = 3


def facts(path: Path) -> dict[str, Any]:
    """What a folder tells of a captioner: nothing but that it is one.

    Raises:
        ValueError, OSError: it is none.
    """
    if not path.is_dir():
        raise ValueError("a captioner is a folder, as transformers saves it")
    config = json.loads((path / "config.json").read_text(encoding="utf-8"))
    if "BlipForConditionalGeneration" not in config.get("architectures", ()):
        raise ValueError("its config.json is not that of a BLIP captioner")
    return {}


def load_captioner(weights: Path, device: torch.device) -> Captioner:
    """Load a captioner, which says the same of a picture each time. Raises OSError: its files are no good."""
    from transformers import AutoTokenizer, BlipForConditionalGeneration
    from transformers.models.blip.image_processing_pil_blip import BlipImageProcessorPil

    processor = BlipImageProcessorPil.from_pretrained(weights, local_files_only=True)
    tokenizer = AutoTokenizer.from_pretrained(weights, local_files_only=True)
    model = BlipForConditionalGeneration.from_pretrained(weights, local_files_only=True, use_safetensors=True)
    model = model.eval().to(device)

    def tell(picture: Image.Image) -> str:
        pixels = processor(picture.convert("RGB"), return_tensors="pt").pixel_values
        tokens = model.generate(
            pixel_values=pixels.to(device), max_new_tokens=_MOST_TOKENS, num_beams=_BEAMS, do_sample=False
        )
        return " ".join(tokenizer.decode(tokens[0], skip_special_tokens=True).split())

    return tell
