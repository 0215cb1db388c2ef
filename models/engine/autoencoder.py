"""Pictures to latents and back, at batch 1."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import torch
import torch.nn.functional as functional
from PIL import Image

from core.addon_spec import AddonKind
from core.words import N_
from models.engine.api import DoesNotFit, ImageFailed
from models.engine.placement import Part
from models.engine.sparing import tiled
from models.engine.tiling import circular
from models.files.vae import UNTOLD_SCALE

if TYPE_CHECKING:
    from diffusers.models import AutoencoderKL
    from diffusers.models.autoencoders.vae import DiagonalGaussianDistribution

    from models.engine.images import ImageRun

#: Latents around a picture whose edges fit together: as far as a decoder looks, nearly.
_MARGIN = 8


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
        raise ImageFailed(
            N_("The numbers of this image overflowed. Another seed, or less guidance, may help.")
        )
    return Image.fromarray((values * 255).round().byte().permute(1, 2, 0).cpu().numpy())


def vae_of(run: ImageRun) -> AutoencoderKL:
    """The request's autoencoder, or the one that its model is to have; the model's own else.

    Raises:
        UnknownModel: there is none of this name.
        DoesNotFit: its latents are others than the model's.
    """
    model = run.model
    name = run.task.request.vae or model.spec.vae
    if name is None:
        return model.vae
    vae: AutoencoderKL = run.addon(AddonKind.VAE, name)
    mine, own = vae.config, model.vae.config
    same = mine.latent_channels == own.latent_channels
    same = same and len(mine.block_out_channels) == len(own.block_out_channels)
    if not same or mine.scaling_factor not in (own.scaling_factor, UNTOLD_SCALE):
        raise DoesNotFit(
            N_(
                "The VAE {name} was made for another kind of base model than {title}. Choose another VAE, "
                "or the model that it belongs to."
            ),
            name=name,
            title=model.spec.title,
        )
    return vae


def encode(run: ImageRun, pixels: torch.Tensor) -> DiagonalGaussianDistribution:
    """The distribution of latents, unscaled, of (1, 3, height, width) in -1..1."""
    vae = vae_of(run)
    with _working(run, vae, pixels.shape[2], pixels.shape[3]):
        return vae.encode(pixels.to(run.model.device, vae.dtype)).latent_dist


def decode(run: ImageRun, latents: torch.Tensor) -> Image.Image:
    """Latents (1, 4, h, w) to an 8-bit RGB picture.

    Raises:
        ImageFailed: the numbers overflowed.
    """
    vae, factor = vae_of(run), run.model.vae_factor
    latents = (latents / run.model.scaling_factor).to(vae.dtype)
    with _working(run, vae, latents.shape[2] * factor, latents.shape[3] * factor):
        if run.tiling and vae.use_tiling:
            return to_picture(_wrapped(vae, latents, factor))
        return to_picture(vae.decode(latents, return_dict=False)[0])


@contextmanager
def _working(run: ImageRun, vae: AutoencoderKL, height: int, width: int) -> Iterator[None]:
    """The autoencoder on the device, working on a picture of this size as the memory has it."""
    run.model.placement.bring(Part.VAE)
    # A rerun follows the original where it can: what was tiled on a small card is tiled on a large one.
    replay = run.task.replay
    tiles = run.model.is_tiled(height * width) or (replay is not None and replay.fingerprint.tiled)
    # Edges that fit together differ even within one tile: what is beyond them is added instead of wrapped to.
    run.tiled |= tiles and (run.tiling or max(height, width) > vae.tile_sample_min_size)
    with circular(vae, run.tiling and not tiles), tiled(vae, tiles):
        yield


def _wrapped(vae: AutoencoderKL, latents: torch.Tensor, factor: int) -> torch.Tensor:
    """Decoded tile by tile with what lies beyond each edge around it: a tile that wraps around by itself
    would meet its own other side."""
    margin = min(_MARGIN, *latents.shape[2:])
    around = functional.pad(latents, (margin,) * 4, mode="circular")
    pixels = vae.decode(around, return_dict=False)[0]
    cut = slice(margin * factor, -margin * factor)
    return pixels[:, :, cut, cut]
