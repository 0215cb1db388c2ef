"""The one seam that every preview and every image passes before it leaves the worker."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from core.words import N_

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Whether a picture may leave the worker."""

    allowed: bool
    #: Why not, in words for the member.
    reason: str = ""


Screen = Callable[[Image.Image], Verdict]

ALLOWED = Verdict(allowed=True)


def allow(_image: Image.Image) -> Verdict:
    """The screen of a model that brings no safety checker."""
    return ALLOWED


def studio_screen(model_dirs: Iterable[Path], device: torch.device) -> Screen:
    """The screen of all models together: the first `safety/` in a model directory that holds a checker.

    Single files and SDXL bring none of their own.
    """
    folders = (directory / "safety" for directory in model_dirs)
    found = next((folder for folder in folders if (folder / "safety_checker").is_dir()), None)
    return allow if found is None else screen_of(found, device)


def screen_of(folder: Path, device: torch.device) -> Screen:
    """The screen that a model folder brings: its `safety_checker`, or none."""
    if not (folder / "safety_checker").is_dir():
        return allow
    import numpy as np
    from diffusers.pipelines.stable_diffusion.safety_checker import StableDiffusionSafetyChecker
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

    checker = StableDiffusionSafetyChecker.from_pretrained(
        folder / "safety_checker", local_files_only=True, use_safetensors=True
    )
    checker = checker.eval().to(device)
    extractor = CLIPImageProcessorPil.from_pretrained(folder / "feature_extractor", local_files_only=True)

    def check(image: Image.Image) -> Verdict:
        pixels = extractor(image, return_tensors="pt").pixel_values.to(device)
        # The checker blackens what it refuses, so that it is given a copy.
        _, refused = checker(images=[np.array(image)], clip_input=pixels)
        return (
            Verdict(allowed=False, reason=N_("The safety checker held it back.")) if refused[0] else ALLOWED
        )

    return check
