"""The image encoder behind the IP-Adapter: a tiny CLIP vision transformer that learns to read pictures.

As the text encoder does with captions (`models/starter/reading.py`), it learns to answer, from its one
embedding of a picture, what the picture shows. The linear heads that ask are thrown away.
"""

from __future__ import annotations

from pathlib import Path
from random import Random

import cv2
import numpy as np
import torch
from torch import Tensor
from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection
from transformers.image_utils import OPENAI_CLIP_MEAN, OPENAI_CLIP_STD

from models.starter import text
from models.starter.companions.upscaler import Bytes, worn
from models.starter.crew import Job
from models.starter.grammar import traits_seen
from models.starter.reading import Heads
from models.starter.renderer import pixels
from models.starter.scenes import Scene, one_thing, related_things, several_things
from models.starter.stage import Stage, averages, put

BATCH = 32
SIDE = 64
"""Side of what the encoder looks at, px; CLIP's processor brings pictures to it."""
_MAKERS = ((one_thing, 0.6), (several_things, 0.2), (related_things, 0.2))


def build() -> CLIPVisionModelWithProjection:
    """The untrained image encoder: 64 patches of 8 px, 3 layers, one embedding of 128 numbers."""
    config = CLIPVisionConfig(
        hidden_size=text.WIDTH,
        intermediate_size=2 * text.WIDTH,
        projection_dim=text.WIDTH,
        num_hidden_layers=3,
        num_attention_heads=4,
        image_size=SIDE,
        patch_size=8,
    )
    return CLIPVisionModelWithProjection(config)


def tensor_of(pictures: list[Bytes]) -> Tensor:
    """Pictures of 128 px as the encoder takes them: CLIP's mean and deviation, (n, 3, 64, 64)."""
    small = [cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_AREA) for picture in pictures]
    stack = torch.from_numpy(np.stack(small)).float().div_(255)
    return ((stack - torch.tensor(OPENAI_CLIP_MEAN)) / torch.tensor(OPENAI_CLIP_STD)).permute(0, 3, 1, 2)


def batch(rng: Random, count: int = BATCH) -> tuple[list[Scene], list[Bytes]]:
    """Random scenes and their pictures, half of them a little worn."""
    makers, weights = zip(*_MAKERS, strict=True)
    scenes = [rng.choices(makers, weights)[0](rng) for _ in range(count)]
    return scenes, [worn(p, rng) if rng.random() < 0.5 else p for p in map(pixels, scenes)]


def train(job: Job, rank: int) -> None:
    """Train until the time is up, resuming from the checkpoint."""
    encoder, heads = build().to(job.device), Heads().to(job.device)
    stage = Stage(job, rank, "vision", [encoder, heads])

    def loss_of() -> Tensor:
        scenes, pictures = batch(stage.rng)
        answers = torch.tensor([traits_seen(scene) for scene in scenes])
        return heads.loss(encoder(tensor_of(pictures).to(job.device)).image_embeds, answers.to(job.device))

    stage.train(loss_of)


def trained(folder: Path) -> tuple[CLIPVisionModelWithProjection, Heads]:
    """The averaged image encoder, frozen, and the heads that taught it."""
    encoder, heads = build(), Heads()
    put([*encoder.parameters(), *heads.parameters()], averages(folder, "vision"))
    return encoder.eval().requires_grad_(False), heads.requires_grad_(False)
