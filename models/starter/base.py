"""The finished base model, frozen: what its companions are trained with."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

import torch
from diffusers import UNet2DConditionModel
from torch import Tensor
from transformers import CLIPTextModel, CLIPTokenizer

from models.starter.crew import Job
from models.starter.diffusion import BATCH, Shard, shard_of, trained
from models.starter.scenes import Scene
from models.starter.tokens import tokens_of

_MIX = (0.5, 0.2, 0.3)
"""How often a companion sees a lone thing, equal things, and two in a relation."""


@dataclass(frozen=True)
class Base:
    """The words, their encoder and the UNet, with the pictures that the UNet learnt from."""

    words: CLIPTokenizer
    encoder: CLIPTextModel
    unet: UNet2DConditionModel
    shard: Shard
    device: str

    def draw(self, rng: Random, count: int = BATCH) -> tuple[list[Scene], Tensor]:
        """Random scenes of training and their scaled latents, (count, 4, 16, 16)."""
        picks = [self.shard.draw(rng, _MIX) for _ in range(count)]
        latents = torch.from_numpy(self.shard.latents[picks]).float().to(self.device)
        return [self.shard.scenes[i] for i in picks], latents

    @torch.no_grad()
    def say(self, prompts: list[str]) -> Tensor:
        """Prompts as the UNet hears them, (n, 77, width)."""
        return self.encoder(tokens_of(self.words, prompts).to(self.device)).last_hidden_state


def base_of(job: Job, rank: int) -> Base:
    """The base model that a training folder has reached, on the job's device."""
    words, encoder, unet = trained(job.folder)
    unet = unet.to(job.device).requires_grad_(False)
    shard = shard_of(job.folder, job.seed * 100 + rank, job.device)
    return Base(words, encoder.to(job.device), unet, shard, job.device)
