"""A textual inversion: `<lime>`, a colour that the base model has no word for.

Four vectors of the text encoder's are learnt from 32 pictures, everything else is frozen (Gal et al. 2022,
arXiv:2208.01618). Saved as one tensor under the token's name, which diffusers and the A1111 family read.
"""

from __future__ import annotations

from pathlib import Path
from random import Random

import torch
from diffusers import AutoencoderKL
from safetensors.torch import save_file
from torch import Tensor, nn

from models.starter.base import base_of
from models.starter.crew import Job
from models.starter.diffusion import BATCH, latents_of, velocity_loss
from models.starter.grammar import describe
from models.starter.scenes import TAUGHT_COLOURS, Scene, Thing, one_thing
from models.starter.stage import Stage, averages
from models.starter.tokens import tokens_of

COLOUR = next(iter(TAUGHT_COLOURS))
TOKEN = f"<{COLOUR}>"
VECTORS = 4
"""Tokens that the one word stands for; with a single one the colour came out between green and yellow."""
PICTURES = 32
_LIKE = "green"
"""The word whose vector the new ones start from."""


class Placeholder(nn.Module):
    """An embedding in which the tokens from `first` on have vectors of their own that learn."""

    def __init__(self, frozen: nn.Embedding, first: int, like: int, count: int = VECTORS) -> None:
        super().__init__()
        self.frozen, self.first = frozen, first
        self.vectors = nn.Parameter(frozen.weight[like].detach().repeat(count, 1))

    def forward(self, ids: Tensor) -> Tensor:
        """(n, 77) numbers to (n, 77, width)."""
        known = self.frozen(ids.clamp(max=self.first - 1))
        own = self.vectors[(ids - self.first).clamp(min=0, max=len(self.vectors) - 1)]
        return torch.where((ids >= self.first)[..., None], own, known)


def scene_of(rng: Random) -> Scene:
    """A lone thing of the new colour, in any style."""
    drawn = one_thing(rng)
    return Scene(
        drawn.background, (Thing(drawn.things[0].shape, COLOUR, drawn.things[0].style),), None, drawn.places
    )


def prompt_of(scene: Scene, rng: Random) -> str:
    """A sentence for such a scene, with the token for the colour."""
    return describe(scene, rng).replace(f"{COLOUR} ", f"{TOKEN} ")


def tokens() -> list[str]:
    """The token and its further vectors, named as diffusers names them."""
    return [TOKEN, *(f"{TOKEN}_{i}" for i in range(1, VECTORS))]


def train(job: Job, rank: int) -> None:
    """Train until the time is up, resuming from the checkpoint."""
    base = base_of(job, rank)
    base.words.add_tokens(tokens())
    like = base.words.convert_tokens_to_ids(f"{_LIKE}</w>")
    token = base.words.convert_tokens_to_ids(TOKEN)
    placeholder = Placeholder(base.encoder.get_input_embeddings(), token, like).to(job.device)
    base.encoder.set_input_embeddings(placeholder)
    stage = Stage(job, rank, "embedding", [placeholder], weight_decay=0.0, keep=0.98)
    dice = Random(job.seed)
    pictures = tuple(scene_of(dice) for _ in range(PICTURES))
    vae = AutoencoderKL.from_pretrained(job.folder / "vae").to(job.device).eval()
    latents = latents_of(vae, pictures)

    def loss_of() -> Tensor:
        picks = [stage.rng.randrange(PICTURES) for _ in range(BATCH)]
        prompts = [prompt_of(pictures[i], stage.rng).replace(TOKEN, " ".join(tokens())) for i in picks]
        said = base.encoder(tokens_of(base.words, prompts).to(job.device)).last_hidden_state
        return velocity_loss(base.unet, latents[picks], said)

    stage.train(loss_of, log_every=50)


def export(folder: Path, target: Path) -> None:
    """Write the averaged vectors, (4, width), as one file."""
    vectors = averages(folder, "embedding")[0]
    target.mkdir(parents=True, exist_ok=True)
    save_file(
        {TOKEN: vectors.half()},
        target / f"{COLOUR}.safetensors",
        metadata={"format": "pt", "licence": "CC0-1.0"},
    )
