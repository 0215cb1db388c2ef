"""A 2× upscaler: a small RRDBNet (`models/upscalers/rrdb.py`), 0.3 M parameters.

Its targets are scenes drawn at 256 px, every line exact, at random scales; its inputs are those at half the
size, half of them as they are, some blurred, noisy or compressed, and some as the base model's autoencoder
would have painted them. L1 alone: a drawing has one right answer, so nothing needs an adversary.
"""

from __future__ import annotations

from pathlib import Path
from random import Random

import cv2
import numpy as np
import torch
from diffusers import AutoencoderKL
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import Tensor, nn

from models.starter.crew import Job
from models.starter.renderer import pixels
from models.starter.scenes import SIDE
from models.starter.stage import Stage, averages, put
from models.starter.vae import random_scene
from models.upscalers.rrdb import RRDBNet

Bytes = NDArray[np.uint8]

SCALE = 2
BATCH = 8
_CROP = 24
"""Side of an input, px."""
_POOL = 300
"""Pictures that went through the autoencoder."""


@torch.no_grad()
def build() -> RRDBNet:
    """The untrained upscaler. It begins as bilinear interpolation, so that all it has to learn is the rest.

    Three of its channels carry the colours through, unchanged but for the doubling, whose [¼ ½ ¼] over
    doubled pixels is bilinear; leaky ReLUs let colours, which are positive, pass.
    """
    net = RRDBNet(width=16, blocks=1, doublings=1)
    one, tent = torch.zeros(3, 3), torch.tensor([0.25, 0.5, 0.25])
    one[1, 1] = 1
    kernels = {"conv_first": one, "conv_up1": torch.outer(tent, tent), "conv_hr": one, "conv_last": one}
    for name, kernel in (kernels | {"conv_body": 0 * one}).items():
        conv = net.get_submodule(name)
        conv.weight[:3] = 0
        conv.bias.zero_()
        for channel in range(3):
            conv.weight[channel, channel] = kernel
    return net


def worn(picture: Bytes, rng: Random) -> Bytes:
    """A picture after a little blur, noise and JPEG, each now and then."""
    if rng.random() < 0.5:
        picture = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.2, 0.7))
    if rng.random() < 0.5:
        dice = np.random.default_rng(rng.getrandbits(32))
        noisy = picture + dice.normal(0, rng.uniform(0, 4), picture.shape)
        picture = np.clip(noisy, 0, 255).astype(np.uint8)
    if rng.random() < 0.5:
        written = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, rng.randint(70, 98)])[1]
        picture = cv2.imdecode(written, cv2.IMREAD_COLOR)
    return picture


def _pair(rng: Random) -> tuple[Bytes, Bytes]:
    """A drawn scene at a random scale, half the size and whole."""
    large = pixels(random_scene(rng), SCALE)
    side = 4 * rng.randint(SIDE // 4, SIDE * SCALE // 4)
    large = cv2.resize(large, (side, side), interpolation=cv2.INTER_AREA)
    small = cv2.resize(large, (side // SCALE,) * 2, interpolation=cv2.INTER_AREA)
    return (worn(small, rng) if rng.random() < 0.5 else small), large


@torch.no_grad()
def painted(vae: AutoencoderKL, rng: Random, count: int) -> list[tuple[Bytes, Bytes]]:
    """Scenes at 128 px as the autoencoder paints them, and as they truly are at 256 px."""
    pairs = []
    for _ in range(count):
        scene = random_scene(rng)
        sheet = torch.from_numpy(pixels(scene)).to(vae.device).permute(2, 0, 1)[None].float() / 127.5 - 1
        again = vae.decode(vae.encode(sheet).latent_dist.mean).sample[0]
        small = ((again.clamp(-1, 1) + 1) * 127.5).round().byte().permute(1, 2, 0).cpu().numpy()
        pairs.append((small, pixels(scene, SCALE)))
    return pairs


def _crops(small: Bytes, large: Bytes, rng: Random) -> tuple[Bytes, Bytes]:
    """The same random place of both, preferably one where there is something to see."""
    best: tuple[Bytes, Bytes] = (small, large)
    for _ in range(3):
        top, left = (rng.randint(0, small.shape[0] - _CROP) for _ in range(2))
        best = small[top : top + _CROP, left : left + _CROP], _window(large, top, left)
        if best[1].std() > 8:
            break
    return best


def _window(large: Bytes, top: int, left: int) -> Bytes:
    return large[SCALE * top : SCALE * (top + _CROP), SCALE * left : SCALE * (left + _CROP)]


def tensor_of(pictures: list[Bytes]) -> Tensor:
    """Pictures as the net takes them: 0..1, (n, 3, h, w)."""
    return torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float() / 255


def train(job: Job, rank: int) -> None:
    """Train until the time is up, resuming from the checkpoint."""
    net = build().to(job.device)
    stage = Stage(job, rank, "upscaler", [net], weight_decay=0.0)
    pool: list[tuple[Bytes, Bytes]] = []
    if stage.elapsed < job.seconds:
        vae = AutoencoderKL.from_pretrained(job.folder / "vae").to(job.device).eval()
        pool = painted(vae, Random(job.seed + 100 + rank), _POOL)

    def loss_of() -> Tensor:
        pairs = [
            _crops(*(stage.rng.choice(pool) if stage.rng.random() < 0.3 else _pair(stage.rng)), stage.rng)
            for _ in range(BATCH)
        ]
        small, large = (tensor_of(list(side)).to(job.device) for side in zip(*pairs, strict=True))
        return nn.functional.l1_loss(net(small), large)

    stage.train(loss_of)


def export(folder: Path, target: Path) -> None:
    """Write the averaged upscaler as an fp16 file of Real-ESRGAN's layout."""
    net = build()
    put(net.parameters(), averages(folder, "upscaler"))
    target.mkdir(parents=True, exist_ok=True)
    state = {name: tensor.half().contiguous() for name, tensor in net.state_dict().items()}
    save_file(state, target / "starter-2x.safetensors", metadata={"format": "pt", "licence": "CC0-1.0"})
