"""Stage three: the UNet, on latents of drawn scenes and on words as the finished text encoder says them.

v-prediction over Stable Diffusion's own noise schedule with a uniform loss: the high-noise steps, where the
words decide shape and layout, must weigh as much as the rest. Each rank draws and encodes its own scenes
once, and says them anew, in other words, each time one comes up.
"""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
import torch
from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
from numpy.typing import NDArray
from torch import Tensor, nn
from transformers import CLIPTextModel, CLIPTokenizer

from models.starter import text
from models.starter.crew import Average, Clock, Flat, Job, Log, save
from models.starter.grammar import caption
from models.starter.renderer import pixels
from models.starter.scenes import Scene, one_thing, related_things, several_things
from models.starter.tokens import tokens_of, words_of
from models.starter.vae import SCALE

BATCH = 16
"""Pictures in a rank's step."""
_MAKERS = (one_thing, several_things, related_things)
_SHARD = (8000, 4000, 9000)
"""Scenes of each kind that a rank keeps."""
_MIX = ((0.5, (0.6, 0.2, 0.2)), (2.0, (0.48, 0.2, 0.32)))
"""Until which share of the time how often each kind comes up."""
_FLAT_AGAIN = 0.35
"""How often a lone thing that is not flat is put back for another draw."""
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
        stack = np.stack([pixels(scene) for scene in scenes[at : at + 25]])
        pictures = torch.from_numpy(stack).to(device).permute(0, 3, 1, 2).float().div_(127.5).sub_(1)
        latents[at : at + 25] = (vae.encode(pictures).latent_dist.mean * SCALE).cpu().numpy()
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


class Trainer:
    """One rank's models, optimiser and data."""

    def __init__(self, job: Job, rank: int, words: CLIPTokenizer) -> None:
        torch.manual_seed(job.seed)
        self.job, self.words = job, words
        self.encoder = reader(job.folder, words).to(job.device)
        self.unet = build_unet().to(job.device)
        self.flat = Flat([self.unet])
        self.optimiser = torch.optim.AdamW(
            self.flat.parameters, lr=job.rate, betas=(0.9, 0.99), weight_decay=0.01, fused=True
        )
        self.average = Average(self.flat.parameters, 0.998)
        self.step, self.elapsed = 0, 0.0
        self.alphas = scheduler().alphas_cumprod.to(job.device)
        self.file = job.folder / "diffusion.pt"
        if self.file.exists():
            self.load()
        self.shard = shard_of(job.folder, job.seed * 100 + rank, job.device)
        self.rng = Random(job.seed * 7919 + rank + 2 * self.step)
        torch.manual_seed(job.seed * 1000 + rank + 2 * self.step)

    def load(self) -> None:
        state = torch.load(self.file, map_location=self.job.device)
        with torch.no_grad():
            for mine, theirs in zip(self.flat.parameters, state["live"], strict=True):
                mine.copy_(theirs)
        self.optimiser.load_state_dict(state["optimiser"])
        self.average.mean, self.average.steps = state["mean"], state["step"]
        self.step, self.elapsed = state["step"], state["elapsed"]

    def save(self) -> None:
        save(
            self.file,
            {
                "live": [p.detach() for p in self.flat.parameters],
                "mean": self.average.mean,
                "optimiser": self.optimiser.state_dict(),
                "step": self.step,
                "elapsed": self.elapsed,
            },
        )

    def loss(self) -> Tensor:
        """The mean squared error of v on a fresh batch."""
        share = self.elapsed / self.job.seconds
        weights = next(weights for until, weights in _MIX if share < until)
        picks = [self.shard.draw(self.rng, weights) for _ in range(BATCH)]
        tokens = tokens_of(self.words, [caption(self.shard.scenes[i], self.rng) for i in picks])
        clean = torch.from_numpy(self.shard.latents[picks]).float().to(self.job.device)
        noise, times = torch.randn_like(clean), random_times(BATCH).to(clean.device)
        alpha = self.alphas[times][:, None, None, None]
        noisy = alpha.sqrt() * clean + (1 - alpha).sqrt() * noise
        aim = alpha.sqrt() * noise - (1 - alpha).sqrt() * clean
        with torch.no_grad():
            said = self.encoder(tokens.to(clean.device)).last_hidden_state
        return nn.functional.mse_loss(self.unet(noisy, times, said, return_dict=False)[0], aim)

    def advance(self, clock: Clock) -> float:
        """One step on all ranks; the loss averaged over them."""
        loss = self.loss()
        self.flat.gradient.zero_()
        loss.backward()
        self.elapsed = self.flat.average(clock.elapsed(), limit=1.0)
        for group in self.optimiser.param_groups:
            group["lr"] = self.job.rate_at(self.elapsed)
        self.optimiser.step()
        self.average.update()
        self.step += 1
        return float(loss.detach())


def train(job: Job, rank: int) -> None:
    """Train until the job's time is up, resuming from its checkpoint."""
    trainer = Trainer(job, rank, words_of(job.folder))
    log, clock, saved, total = (
        Log(job.folder / "log.jsonl", rank),
        Clock(trainer.elapsed),
        trainer.elapsed,
        0.0,
    )
    while trainer.elapsed < job.seconds:
        total += trainer.advance(clock)
        if trainer.step % 200 == 0:
            log.write(
                stage="diffusion",
                step=trainer.step,
                seconds=round(trainer.elapsed),
                loss=total / 200,
                rate=job.rate_at(trainer.elapsed),
                left=round(job.seconds - trainer.elapsed),
            )
            total = 0.0
        if rank == 0 and (trainer.elapsed - saved > 240 or trainer.elapsed >= job.seconds):
            saved = trainer.elapsed
            trainer.save()


def trained(folder: Path) -> tuple[CLIPTokenizer, CLIPTextModel, UNet2DConditionModel]:
    """The averaged models of a training folder's checkpoint."""
    words, unet = words_of(folder), build_unet()
    state = torch.load(folder / "diffusion.pt", map_location="cpu", weights_only=True)
    with torch.no_grad():
        for mine, theirs in zip(Flat([unet]).parameters, state["mean"], strict=True):
            mine.copy_(theirs)
    return words, reader(folder, words), unet.eval()
