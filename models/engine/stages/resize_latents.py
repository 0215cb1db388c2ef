"""The latents so far at another size: the start of a hires fix."""

from __future__ import annotations

from torch.nn.functional import interpolate

from core.stages import ResizeLatents
from models.engine.images import ImageRun


def resize_latents(run: ImageRun, stage: ResizeLatents) -> None:
    """Bilinear, as A1111's upscaler "Latent"."""
    size = (stage.height // run.model.vae_factor, stage.width // run.model.vae_factor)
    run.latents = interpolate(run.source_latents(), size=size, mode="bilinear", align_corners=False)
