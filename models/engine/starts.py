"""Where a denoise stage starts from: noise, a noised picture, or latents that were left half done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from core.stages import Denoise
from core.words import N_
from models.engine.api import ImageFailed
from models.engine.framing import framed
from models.engine.images import ImageRun
from models.engine.inpaint import CHANNELS, Blend, extra_channels, latent_mask, white_of
from models.engine.noise import first_noise


@dataclass(frozen=True, kw_only=True)
class Start:
    """What a row begins with."""

    #: (1, 4, h, w)
    latents: torch.Tensor
    #: (1, 5, h, w) that a 9-channel UNet reads besides.
    channels: torch.Tensor | None = None
    #: What happens to the latents after each step.
    blend: Blend | None = None


def start_of(run: ImageRun, stage: Denoise, scheduler: Any, timesteps: torch.Tensor) -> Start:
    """The start of a stage. The order in which noise is drawn is that of the stock pipelines.

    Args:
        timesteps: of the stage's calls, (calls,); without any nothing is drawn and nothing changes.

    Raises:
        ImageFailed: the stage needs a picture, and there is none of its size.
    """
    if not len(timesteps):
        return Start(latents=_like_stage(run, stage, run.latents))
    inpaints = run.model.unet.config.in_channels == CHANNELS
    if stage.mask is None and not inpaints:
        return Start(latents=_first_latents(run, stage, scheduler, timesteps))
    return _with_mask(run, stage, scheduler, timesteps, inpaints=inpaints)


def _first_latents(run: ImageRun, stage: Denoise, scheduler: Any, timesteps: torch.Tensor) -> torch.Tensor:
    if stage.start > 0:
        return _source(run, stage)
    if stage.strength is None:
        return first_noise(run, stage) * scheduler.init_noise_sigma
    source = _source(run, stage)
    return scheduler.add_noise(source, first_noise(run, stage), timesteps[:1])


def _with_mask(
    run: ImageRun, stage: Denoise, scheduler: Any, timesteps: torch.Tensor, *, inpaints: bool
) -> Start:
    """As StableDiffusionInpaintPipeline begins: at full strength from noise alone."""
    full = stage.strength in (None, 1.0)
    source = None if full and inpaints else _source(run, stage)
    noise = first_noise(run, stage)
    if full:
        latents = noise * scheduler.init_noise_sigma
    else:
        latents = scheduler.add_noise(source, noise, timesteps[:1])
    white = _white(run, stage)
    if inpaints:
        return Start(latents=latents, channels=extra_channels(run, white))
    # The stock pipeline encodes the masked picture here too, of which only the draw is of consequence.
    torch.randn(noise.shape, generator=run.generator, dtype=noise.dtype)
    return Start(latents=latents, blend=Blend(source=source, noise=noise, mask=latent_mask(run, white)))


def _white(run: ImageRun, stage: Denoise) -> torch.Tensor:
    """The mask; a UNet that was trained to inpaint paints all of a picture that has none."""
    if stage.mask is None:
        return torch.ones(1, 1, stage.height, stage.width)
    mask = run.picture(stage.mask).convert("L")
    return white_of(framed(mask, stage.width, stage.height, run.task.request.given_size))


def _source(run: ImageRun, stage: Denoise) -> torch.Tensor:
    return _like_stage(run, stage, run.source_latents())


def _like_stage(run: ImageRun, stage: Denoise, latents: torch.Tensor | None) -> torch.Tensor:
    factor = run.model.vae_factor
    size = (stage.height // factor, stage.width // factor)
    if latents is None:
        return torch.zeros(1, run.model.latent_channels, *size)
    if latents.shape[2:] != size:
        raise ImageFailed(N_("The picture so far has another size than this stage asks for."))
    return latents
