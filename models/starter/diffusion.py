"""Stage three: the UNet, on latents of drawn scenes and on words as the finished text encoder says them.

v-prediction over Stable Diffusion's own noise schedule with a uniform loss: the high-noise steps, where the
words decide shape and layout, must weigh as much as the rest. Each rank draws and encodes its own scenes
once, and says them anew, in other words, each time one comes up.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import torch
from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
from numpy.typing import NDArray
from torch import Tensor, nn
from transformers import CLIPTextModel, CLIPTokenizer

from models.starter import text
from models.starter.crew import Job
from models.starter.grammar import caption
from models.starter.renderer import pixels
from models.starter.scenes import Scene, one_thing, related_things, several_things
from models.starter.stage import Stage, averages, put
from models.starter.tokens import tokens_of, words_of
from models.starter.vae import SCALE

BATCH = 16
"""Pictures in a rank's step."""
_MAKERS = (one_thing, several_things, related_things)
_SHARD = (8000, 4000, 9000)
"""Scenes of each kind that a rank keeps."""
_MIX = ((0.25, (0.6, 0.2, 0.2)), (0.5, (0.48, 0.2, 0.32)), (2.0, (0.42, 0.3, 0.28)))
"""Until which share of the time how often each kind comes up."""
_FLAT_AGAIN = 0.35
"""How often a lone thing that is not flat is put back for another draw."""
_SHOWN = ("one object, all styles", "counts", "relations")
"""What is drawn at each checkpoint, four pictures a group."""
_NOISY = 0.78
"""Share of the steps above 500 of 1000: there the words decide layout and shape (docs/starter-model.md)."""


def build_unet() -> UNet2DConditionModel:
    """The untrained UNet: 16×16 latents, attention at 8×8 and 4×4, 4.8 M parameters."""
    unet = UNet2DConditionModel(
        sample_size=16,
        in_channels=4,
        out_channels=4,
        block_out_channels=(64, 96, 112),
        layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=text.WIDTH,
        attention_head_dim=4,  # the number of heads: Stable Diffusion 1.x's well-known misnomer
        norm_num_groups=8,
    )
    torch.nn.init.zeros_(unet.conv_out.weight)
    return unet


def scheduler() -> DDIMScheduler:
    """Stable Diffusion's betas, v-prediction, steps spaced from the noisy end."""
    return DDIMScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        prediction_type="v_prediction",
        timestep_spacing="trailing",
        clip_sample=False,
        set_alpha_to_one=False,
        steps_offset=1,
    )


@dataclass(frozen=True)
class Shard:
    """A rank's scenes and their scaled latents, (n, 4, 16, 16); the kinds lie one behind the other."""

    scenes: tuple[Scene, ...]
    latents: NDArray[np.float16]

    def draw(self, rng: Random, weights: tuple[float, ...]) -> int:
        """The index of a random scene."""
        kind = rng.choices(range(len(_SHARD)), weights)[0]
        pick = sum(_SHARD[:kind]) + rng.randrange(_SHARD[kind])
        if self.scenes[pick].things[0].style != "flat" and rng.random() < _FLAT_AGAIN:
            return self.draw(rng, weights)
        return pick


@torch.no_grad()
def latents_of(vae: AutoencoderKL, scenes: Sequence[Scene]) -> Tensor:
    """Drawn scenes as scaled latents, (n, 4, 16, 16)."""
    stack = np.stack([pixels(scene) for scene in scenes])
    pictures = torch.from_numpy(stack).to(vae.device).permute(0, 3, 1, 2).float().div_(127.5).sub_(1)
    return vae.encode(pictures).latent_dist.mean * SCALE


@torch.no_grad()
def shard_of(folder: Path, seed: int, device: str) -> Shard:
    """Draw and encode a shard, or read the one that an earlier run left."""
    path = folder / f"shard-{seed}.pickle"
    if path.exists():
        return Shard(*pickle.loads(path.read_bytes()))
    rng = Random(seed)
    scenes = tuple(make(rng) for make, n in zip(_MAKERS, _SHARD, strict=True) for _ in range(n))
    vae = AutoencoderKL.from_pretrained(folder / "vae").to(device).eval()
    latents = np.empty((len(scenes), 4, 16, 16), np.float16)
    for at in range(0, len(scenes), 25):
        latents[at : at + 25] = latents_of(vae, scenes[at : at + 25]).cpu().numpy()
    path.write_bytes(pickle.dumps((scenes, latents)))
    return Shard(scenes, latents)


def random_times(count: int) -> Tensor:
    """Random steps 0..999, more of them above 500 than below."""
    return torch.randint(0, 500, (count,)) + 500 * (torch.rand(count) < _NOISY)


def reader(folder: Path, words: CLIPTokenizer) -> CLIPTextModel:
    """The text encoder that stage two has left in the folder."""
    encoder = text.text_encoder(words)
    encoder.load_state_dict(torch.load(folder / "text.pt", map_location="cpu", weights_only=True))
    return encoder.eval().requires_grad_(False)


@cache
def _alphas(device: str) -> Tensor:
    """The share of the picture in a noisy one, by step: (1000,)."""
    return scheduler().alphas_cumprod.to(device)


Aid = Callable[[Tensor, Tensor, Tensor], dict[str, Any]]
"""What a companion adds to the UNet's call, given noisy latents, steps and words."""


def velocity_loss(unet: UNet2DConditionModel, clean: Tensor, said: Tensor, aid: Aid | None = None) -> Tensor:
    """The mean squared error of v on latents (n, 4, 16, 16) and words (n, 77, width), with new noise."""
    noise, times = torch.randn_like(clean), random_times(len(clean)).to(clean.device)
    alpha = _alphas(str(clean.device))[times][:, None, None, None]
    noisy = alpha.sqrt() * clean + (1 - alpha).sqrt() * noise
    aim = alpha.sqrt() * noise - (1 - alpha).sqrt() * clean
    extra = aid(noisy, times, said) if aid else {}
    return nn.functional.mse_loss(unet(noisy, times, said, return_dict=False, **extra)[0], aim)


def train(job: Job, rank: int) -> None:
    """Train until the job's time is up, resuming from its checkpoint."""
    words = words_of(job.folder)
    encoder, unet = reader(job.folder, words).to(job.device), build_unet().to(job.device)
    stage = Stage(job, rank, "diffusion", [unet])
    shard = shard_of(job.folder, job.seed * 100 + rank, job.device)

    def loss_of() -> Tensor:
        weights = next(weights for until, weights in _MIX if stage.share < until)
        picks = [shard.draw(stage.rng, weights) for _ in range(BATCH)]
        tokens = tokens_of(words, [caption(shard.scenes[i], stage.rng) for i in picks])
        clean = torch.from_numpy(shard.latents[picks]).float().to(job.device)
        with torch.no_grad():
            said = encoder(tokens.to(job.device)).last_hidden_state
        return velocity_loss(unet, clean, said)

    stage.train(loss_of, show=lambda step: draw_samples(job.folder, step))


def draw_samples(folder: Path, step: int) -> None:
    """Leave a picture of what a training folder's checkpoint draws: ``samples/<step>.png``."""
    from models.starter.pipeline import contact_sheet, pipeline_of

    target = folder / "samples" / f"{step:06}.png"
    target.parent.mkdir(exist_ok=True)
    contact_sheet(pipeline_of(folder), _SHOWN, columns=4).save(target)


def trained(folder: Path) -> tuple[CLIPTokenizer, CLIPTextModel, UNet2DConditionModel]:
    """The averaged models of a training folder's checkpoint."""
    words, unet = words_of(folder), build_unet()
    put(unet.parameters(), averages(folder, "diffusion"))
    return words, reader(folder, words), unet.eval()
