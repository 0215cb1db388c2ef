"""Stage one: the autoencoder. 128×128×3 pictures to 16×16×4 latents and back, 0.95 M parameters.

It learns from crops (32 px first, then 64, whole pictures at the end, so that its group norms have seen
some), around things, on the 8 px lattice. At the end the latents are normalised to mean 0 and standard
deviation 1/0.18215 a channel *inside* the model, by folding both into the quantisation convolutions:
0.18215, the factor that every Stable Diffusion 1.x tool multiplies by, is then exact.
"""

from __future__ import annotations

from math import sqrt
from pathlib import Path
from random import Random

import numpy as np
import torch
from diffusers import AutoencoderKL
from numpy.typing import NDArray
from torch import Tensor, nn

from models.starter.crew import Job
from models.starter.renderer import pixels
from models.starter.scenes import CELL, SIDE, Scene, one_thing, related_things, several_things
from models.starter.stage import Stage

SCALE = 0.18215
_SIZES = ((0.25, 32), (0.8, 64), (2.0, 128))
"""Until which share of the time crops are how large, px."""
_PIXELS = 64 * 32 * 32
"""Picture pixels in a rank's batch."""


def build() -> AutoencoderKL:
    """The untrained autoencoder: zero biases, layers that keep the variance, small residual branches."""
    vae = AutoencoderKL(
        in_channels=3,
        out_channels=3,
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        block_out_channels=(16, 32, 64, 64),
        layers_per_block=1,
        norm_num_groups=4,
        latent_channels=4,
        sample_size=SIDE,
        scaling_factor=SCALE,
        mid_block_add_attention=False,
    )
    for name, layer in vae.named_modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            fan_in = layer.weight[0].numel()
            gain = 0.3 if name.endswith("conv2") else 1.0
            nn.init.normal_(layer.weight, std=gain / sqrt(fan_in))
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
    return vae


def random_scene(rng: Random) -> Scene:
    """A scene as the autoencoder should see them: many styles, everything else now and then."""
    kind = rng.random()
    if kind < 0.66:
        return one_thing(rng)
    return several_things(rng) if kind < 0.83 else related_things(rng)


def crop(scene: Scene, size: int, rng: Random) -> NDArray[np.uint8]:
    """A crop of size×size px that touches one of the scene's things, on the lattice."""
    place = rng.choice(scene.places)
    starts = []
    for low in (place.left, place.top):
        first, last = (min(max(0, edge - size // 2), SIDE - size) for edge in (low, low + place.size))
        starts.append(CELL * rng.randint(first // CELL, last // CELL))
    left, top = starts
    return pixels(scene)[top : top + size, left : left + size]


def batch(rng: Random, size: int) -> Tensor:
    """Crops as the model takes them: -1..1, (n, 3, size, size)."""
    stack = np.stack([crop(random_scene(rng), size, rng) for _ in range(_PIXELS // size**2)])
    return torch.from_numpy(stack).permute(0, 3, 1, 2).float().div_(127.5).sub_(1)


def _edges(picture: Tensor) -> tuple[Tensor, Tensor]:
    return picture.diff(dim=-1), picture.diff(dim=-2)


def loss_of_pictures(vae: AutoencoderKL, pictures: Tensor) -> Tensor:
    """L1 + ½ MSE + ½ L1 of the gradients + a breath of KL."""
    posterior = vae.encode(pictures).latent_dist
    seen = vae.decode(posterior.sample()).sample
    mse = nn.functional.mse_loss(seen, pictures)
    slopes = sum(nn.functional.l1_loss(a, b) for a, b in zip(_edges(seen), _edges(pictures), strict=True))
    kl = 0.5 * (posterior.mean**2 + posterior.var - 1 - posterior.logvar).mean()
    return nn.functional.l1_loss(seen, pictures) + 0.5 * mse + 0.5 * slopes + 2e-4 * kl


def train(job: Job, rank: int) -> None:
    """Train until the time is up, resuming from the checkpoint; rank 0 leaves ``vae/`` in the folder."""
    vae = build().to(job.device)
    stage = Stage(job, rank, "vae", [vae], weight_decay=1e-3)

    def loss_of() -> Tensor:
        size = next(size for until, size in _SIZES if stage.share < until)
        return loss_of_pictures(vae, batch(stage.rng, size).to(job.device))

    if stage.train(loss_of, log_every=50):
        stage.average.swap()
        finish(vae, job.folder / "vae", job.seed)


@torch.no_grad()
def finish(vae: AutoencoderKL, folder: Path, seed: int) -> None:
    """Fold the latents' normalisation into the model and save it in the diffusers format."""
    rng = Random(seed + 1)
    stack = np.stack([pixels(random_scene(rng)) for _ in range(400)])
    pictures = torch.from_numpy(stack).permute(0, 3, 1, 2).float().div_(127.5).sub_(1)
    device = vae.quant_conv.weight.device
    means = torch.cat([vae.encode(p.to(device)).latent_dist.mean for p in pictures.split(20)])
    fold(vae, means.mean((0, 2, 3)), means.std((0, 2, 3)))
    vae.save_pretrained(folder)


@torch.no_grad()
def fold(vae: AutoencoderKL, mean: Tensor, deviation: Tensor) -> None:
    """Make latents of that mean and deviation a channel come out at mean 0 and deviation 1/0.18215."""
    factor = 1 / (deviation * SCALE)
    quant, post = vae.quant_conv, vae.post_quant_conv
    quant.weight[:4] *= factor[:, None, None, None]
    quant.bias[:4] = (quant.bias[:4] - mean) * factor
    quant.bias[4:] += 2 * factor.log()
    post.bias += (post.weight[:, :, 0, 0] * mean).sum(1)
    post.weight /= factor[None, :, None, None]
