"""A ControlNet for line drawings (canny edges and scribbles), 2.1 M parameters.

It starts as a copy of the UNet's own first half, as all ControlNets do (Zhang et al. 2023,
arXiv:2302.05543). Two captions in three leave the shape unsaid, so that only the lines can tell it.
"""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import torch
from diffusers import ControlNetModel, UNet2DConditionModel
from torch import Tensor

from models.starter.base import base_of
from models.starter.companions.edges import control_of
from models.starter.crew import Job
from models.starter.diffusion import trained, velocity_loss
from models.starter.grammar import caption
from models.starter.renderer import pixels
from models.starter.scenes import Scene
from models.starter.stage import Stage, averages, put

_COLOUR_FRAMES = (
    "a {c} thing on a {bg} background",
    "{c} on a {bg} background",
    "{c}, {bg} background",
    "{bg} background, {c}",
    "{bg} background",
    "{c}",
)


def build(unet: UNet2DConditionModel) -> ControlNetModel:
    """The untrained ControlNet: the UNet's first half, and three halvings from 128 px of lines to 16×16."""
    return ControlNetModel.from_unet(unet, conditioning_embedding_out_channels=(8, 16, 24, 32))


def colour_prompt(scene: Scene, rng: Random, frame: str | None = None) -> str:
    """A prompt that says a scene's colours and nothing else."""
    names = list(dict.fromkeys(thing.colour for thing in scene.things))
    frame = frame or rng.choice(_COLOUR_FRAMES)
    if len(scene.things) > 1:
        frame = frame.replace("a {c} thing", "{c} things")
    return frame.format(c=" and ".join(names), bg=scene.background)


def _prompt(scene: Scene, rng: Random) -> str:
    return colour_prompt(scene, rng) if rng.random() < 0.6 else caption(scene, rng)


def tensor_of(controls: list[np.ndarray]) -> Tensor:
    """Line drawings as the ControlNet takes them: 0..1, (n, 3, h, w)."""
    return torch.from_numpy(np.stack(controls)).float().div_(255)[:, None].expand(-1, 3, -1, -1)


def train(job: Job, rank: int) -> None:
    """Train until the time is up, resuming from the checkpoint."""
    base = base_of(job, rank)
    net = build(base.unet).to(job.device)
    stage = Stage(job, rank, "controlnet", [net])

    def loss_of() -> Tensor:
        scenes, clean = base.draw(stage.rng)
        lines = tensor_of([control_of(pixels(scene), stage.rng) for scene in scenes]).to(job.device)

        def aid(noisy: Tensor, times: Tensor, said: Tensor) -> dict[str, Any]:
            down, middle = net(noisy, times, said, controlnet_cond=lines, return_dict=False)
            return {"down_block_additional_residuals": down, "mid_block_additional_residual": middle}

        return velocity_loss(base.unet, clean, base.say([_prompt(s, stage.rng) for s in scenes]), aid)

    stage.train(loss_of)


def export(folder: Path, target: Path) -> None:
    """Write the averaged ControlNet as a diffusers folder in fp16."""
    net = build(trained(folder)[2])
    put(net.parameters(), averages(folder, "controlnet"))
    net.half().save_pretrained(target, safe_serialization=True)
