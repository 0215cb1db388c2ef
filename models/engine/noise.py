"""The noise that an image starts from."""

from __future__ import annotations

from dataclasses import replace

import torch

from core.stages import Denoise, Variation
from models.engine.images import ImageRun


def first_noise(run: ImageRun, stage: Denoise) -> torch.Tensor:
    """Noise (1, 4, h, w), drawn on the CPU."""
    factor = run.model.vae_factor
    shape = (1, run.model.latent_channels, stage.height // factor, stage.width // factor)
    noise = torch.randn(shape, generator=run.generator, dtype=run.model.dtype)
    if stage.variation is not None:
        seed = run.task.request.variation_seed(stage.variation, run.task.index)
        noise = varied(noise, replace(stage.variation, seed=seed))
    return noise.to(run.model.device)


def varied(noise: torch.Tensor, variation: Variation) -> torch.Tensor:
    """The noise, moved as often as the variation says, the earliest move first."""
    if variation.base is not None:
        noise = varied(noise, variation.base)
    generator = torch.Generator().manual_seed(variation.seed)
    other = torch.randn(noise.shape, generator=generator, dtype=noise.dtype)
    return slerp(noise, other, variation.strength)


def slerp(one: torch.Tensor, other: torch.Tensor, share: float) -> torch.Tensor:
    """Spherical interpolation (Shoemake 1985): between two noises lies noise of the same strength.

    Args:
        share: 0..1; 0 gives `one` itself, 1 `other`.
    """
    if share in (0, 1):
        return other if share else one
    flat, flat_other = one.double().flatten(), other.double().flatten()
    cosine = torch.dot(flat / flat.norm(), flat_other / flat_other.norm()).clamp(-1, 1)
    angle = torch.acos(cosine)
    if angle.sin() < 1e-6:
        return torch.lerp(one, other, share)
    mixed = (torch.sin((1 - share) * angle) * flat + torch.sin(share * angle) * flat_other) / angle.sin()
    return mixed.view(one.shape).to(one.dtype)
