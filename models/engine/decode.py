"""Latents to pictures, at batch 1."""

from __future__ import annotations

import torch
from PIL import Image

from models.engine.api import ImageFailed
from models.engine.model import LoadedModel


def decode(model: LoadedModel, latents: torch.Tensor) -> Image.Image:
    """Latents (1, 4, h, w) to an 8-bit RGB picture, rounded as diffusers does.

    Raises:
        ImageFailed: the numbers overflowed.
    """
    pixels = model.vae.decode(latents / model.vae.config.scaling_factor, return_dict=False)[0]
    return to_picture(pixels)


def to_picture(pixels: torch.Tensor) -> Image.Image:
    """(1, 3, height, width) in -1..1 to a picture.

    Raises:
        ImageFailed: some values are no numbers.
    """
    values = (pixels[0] / 2 + 0.5).clamp(0, 1).float()
    if not torch.isfinite(values).all():
        raise ImageFailed("The numbers of this image overflowed. Another seed, or less guidance, may help.")
    return Image.fromarray((values * 255).round().byte().permute(1, 2, 0).cpu().numpy())
