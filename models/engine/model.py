"""A model in memory, as the engine's stages use it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from diffusers.models import AutoencoderKL, UNet2DConditionModel

from core.model_spec import ModelSpec
from models.engine.text import PromptEncoder
from models.safety import Screen


@dataclass(frozen=True, kw_only=True, eq=False)
class LoadedModel:
    """Weights on a device and what belongs to them. Only the engine's thread touches it."""

    spec: ModelSpec
    device: torch.device
    dtype: torch.dtype
    unet: UNet2DConditionModel
    vae: AutoencoderKL
    prompt_encoder: PromptEncoder
    #: The folder's own `scheduler_config.json`, from which each row's scheduler is built.
    scheduler_config: Mapping[str, Any]
    screen: Screen

    @property
    def vae_factor(self) -> int:
        """Pixels along one side of a latent."""
        return 2 ** (len(self.vae.config.block_out_channels) - 1)

    @property
    def bytes(self) -> int:
        """Memory that the weights take."""
        parts = (self.unet, self.vae, self.prompt_encoder.text_encoder)
        return sum(weight.nbytes for part in parts for weight in part.parameters())
