"""Masks in the denoising loop: white is painted anew, black is kept.

A UNet of 4 channels is guided from outside, by blending the noised source back in after every step. One of 9
was trained to see the mask and what remains of the picture. Both as StableDiffusionInpaintPipeline does it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from PIL import Image
from torch.nn.functional import interpolate

from core.words import N_
from models.engine.api import ImageFailed
from models.engine.autoencoder import encode, to_pixels
from models.engine.framing import fit
from models.engine.images import ImageRun
from models.engine.slices import whole

#: What a UNet that was trained to inpaint takes: latents, mask, latents of the masked picture.
CHANNELS = 9


@dataclass(frozen=True, kw_only=True)
class Blend:
    """Keeps the source outside the mask of a 4-channel UNet."""

    #: (1, 4, h, w)
    source: torch.Tensor
    noise: torch.Tensor
    #: (1, 1, h, w): 1 where it is painted anew.
    mask: torch.Tensor

    def __call__(self, scheduler: Any, latents: torch.Tensor, upcoming: torch.Tensor | None) -> torch.Tensor:
        """Latents after a step, with the source outside the mask.

        Args:
            upcoming: timestep of the next call, whose noise the source gets; None after the last.
        """
        source = self.source
        if upcoming is not None:
            source = scheduler.add_noise(source, self.noise, upcoming.view(1))
        return (1 - self.mask) * source + self.mask * latents


def white_of(mask: Image.Image) -> torch.Tensor:
    """(1, 1, height, width): 1 where the mask is white (from half on), 0 where it is black."""
    values = to_pixels(mask)[:, :1] / 2 + 0.5
    return (values >= 0.5).float()


def latent_mask(run: ImageRun, white: torch.Tensor) -> torch.Tensor:
    """The mask on the grid of latents: (1, 1, h, w)."""
    factor = run.model.vae_factor
    small = interpolate(white, size=(white.shape[2] // factor, white.shape[3] // factor))
    return small.to(run.model.device, run.model.dtype)


def extra_channels(run: ImageRun, white: torch.Tensor) -> torch.Tensor:
    """Mask and latents of the masked picture: (1, 5, h, w). The masked parts are mid-gray.

    Raises:
        ImageFailed: the mask belongs to no picture.
    """
    height, width = white.shape[2:]
    if run.source is not None:
        pixels = to_pixels(fit(run.source, width, height)) * (white < 0.5)
    elif (white < 0.5).any():
        raise ImageFailed(N_("A mask needs a picture to keep."))
    else:
        pixels = torch.zeros(1, 3, height, width)
    posterior = whole(encode(run, pixels))
    masked = run.model.scaling_factor * posterior.sample(run.generator)
    return torch.cat([latent_mask(run, white), masked], dim=1)
