"""Pictures to latents and back, at batch 1."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from PIL import Image, ImageOps

from models.engine.api import ImageFailed
from models.engine.model import LoadedModel
from models.engine.tiling import circular

if TYPE_CHECKING:
    from diffusers.models.autoencoders.vae import DiagonalGaussianDistribution


def fit(picture: Image.Image, width: int, height: int) -> Image.Image:
    """The picture scaled and cropped to this many pixels; one of that size comes back unchanged."""
    if picture.size == (width, height):
        return picture
    return ImageOps.fit(picture, (width, height), Image.Resampling.LANCZOS)


def to_pixels(picture: Image.Image) -> torch.Tensor:
    """An RGB picture to (1, 3, height, width) in -1..1."""
    values = torch.from_numpy(np.array(picture.convert("RGB"), np.float32) / 255.0)
    return 2.0 * values.permute(2, 0, 1)[None] - 1.0


def to_picture(pixels: torch.Tensor) -> Image.Image:
    """(1, 3, height, width) in -1..1 to a picture, rounded as diffusers does.

    Raises:
        ImageFailed: some values are no numbers.
    """
    values = (pixels[0] / 2 + 0.5).clamp(0, 1).float()
    if not torch.isfinite(values).all():
        raise ImageFailed("The numbers of this image overflowed. Another seed, or less guidance, may help.")
    return Image.fromarray((values * 255).round().byte().permute(1, 2, 0).cpu().numpy())


def encode(model: LoadedModel, pixels: torch.Tensor, *, tiling: bool) -> DiagonalGaussianDistribution:
    """The distribution of latents, unscaled, of (1, 3, height, width) in -1..1."""
    with circular(model.vae, tiling):
        return model.vae.encode(pixels.to(model.device, model.vae.dtype)).latent_dist


def decode(model: LoadedModel, latents: torch.Tensor, *, tiling: bool) -> Image.Image:
    """Latents (1, 4, h, w) to an 8-bit RGB picture.

    Raises:
        ImageFailed: the numbers overflowed.
    """
    with circular(model.vae, tiling):
        latents = (latents / model.vae.config.scaling_factor).to(model.vae.dtype)
        pixels = model.vae.decode(latents, return_dict=False)[0]
    return to_picture(pixels)
