"""Pictures to latents and back, at batch 1."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import torch
import torch.nn.functional as functional
from diffusers.models.autoencoders.vae import DiagonalGaussianDistribution
from PIL import Image

from core.addon_spec import AddonKind
from core.words import N_
from models.engine.api import DoesNotFit, ImageFailed
from models.engine.placement import Part
from models.engine.slices import Slices
from models.engine.tiling import circular
from models.engine.vae_tiles import tile_by_tile
from models.files.vae import UNTOLD_SCALE

if TYPE_CHECKING:
    from diffusers.models import AutoencoderKL

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


def encode(run: ImageRun, pixels: torch.Tensor) -> Slices[DiagonalGaussianDistribution]:
    """The distribution of latents, unscaled, of (1, 3, height, width) in -1..1."""
    vae = vae_of(run)
    pixels = pixels.to(run.model.device, vae.dtype)
    tiles = _works_in_tiles(run, vae, *pixels.shape[2:])

    def call(part: torch.Tensor) -> torch.Tensor:
        with _working(run, vae, tiles):
            return vae.encode(part).latent_dist.parameters

    sides = vae.tile_sample_min_size, vae.tile_latent_min_size
    return DiagonalGaussianDistribution(
        (yield from tile_by_tile(vae, call, pixels, *sides)) if tiles else call(pixels)
    )


def decode(run: ImageRun, latents: torch.Tensor) -> Slices[Image.Image]:
    """Latents (1, 4, h, w) to an 8-bit RGB picture.

    Raises:
        ImageFailed: the numbers overflowed.
    """
    vae, factor = vae_of(run), run.model.vae_factor
    latents = (latents / run.model.scaling_factor).to(vae.dtype)
    tiles = _works_in_tiles(run, vae, latents.shape[2] * factor, latents.shape[3] * factor)

    def call(part: torch.Tensor) -> torch.Tensor:
        with _working(run, vae, tiles):
            return vae.decode(part, return_dict=False)[0]

    if not tiles:
        return to_picture(call(latents))
    # A tile that wraps around by itself would meet its own other side: what lies beyond each edge is added.
    margin = min(_MARGIN, *latents.shape[2:]) if run.tiling else 0
    around = functional.pad(latents, (margin,) * 4, mode="circular")
    pixels = yield from tile_by_tile(vae, call, around, vae.tile_latent_min_size, vae.tile_sample_min_size)
    height, width = (latents.shape[side] * factor for side in (2, 3))
    return to_picture(pixels[:, :, margin * factor :, margin * factor :][:, :, :height, :width])


def _works_in_tiles(run: ImageRun, vae: AutoencoderKL, height: int, width: int) -> bool:
    """Whether a picture of this size goes through the autoencoder tile by tile, as the memory has it."""
    # A rerun follows the original where it can: what was tiled on a small card is tiled on a large one.
    replay = run.task.replay
    tiles = run.model.is_tiled(height * width) or (replay is not None and replay.fingerprint.tiled)
    # Edges that fit together differ even within one tile: what is beyond them is added instead of wrapped to.
    run.tiled |= tiles and (run.tiling or max(height, width) > vae.tile_sample_min_size)
    return tiles


@contextmanager
def _working(run: ImageRun, vae: AutoencoderKL, tiles: bool) -> Iterator[None]:
    """The autoencoder on the device; between two slices it may have left."""
    run.model.placement.bring(Part.VAE)
    with circular(vae, run.tiling and not tiles):
        yield
