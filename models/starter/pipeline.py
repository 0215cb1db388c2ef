"""The shipped weights as a pipeline: writing the folder, loading it, drawing with it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import torch
from diffusers import AutoencoderKL, DiffusionPipeline, StableDiffusionPipeline
from PIL import Image

from models.starter.diffusion import scheduler, trained
from models.starter.grammar import random_prompt

WEIGHTS = Path(__file__).parent / "weights" / "sd"
"""The shipped model, in Stable Diffusion 1.x's diffusers folder format."""
STEPS, GUIDANCE = 20, 4.0
"""How the gates are measured: DDIM, so many steps, so much guidance."""
ABOUT = {
    "name": "starter",
    "title": "Atelier starter",
    "licence": "CC0-1.0",
    "min_side": 64,
    "max_side": 256,
    "default_steps": STEPS,
    "default_guidance_scale": GUIDANCE,
    "default_sampler": "DDIM",
    "default_schedule": "normal",
}
"""What the catalogue and the members are told about it (`models/catalogue.py`)."""


def pipeline_of(folder: Path) -> StableDiffusionPipeline:
    """The averaged models of a training folder, in fp32 on the CPU."""
    words, encoder, unet = trained(folder)
    pipe = StableDiffusionPipeline(
        vae=AutoencoderKL.from_pretrained(folder / "vae"),
        text_encoder=encoder,
        tokenizer=words,
        unet=unet,
        scheduler=scheduler(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipe.set_progress_bar_config(disable=True)
    return pipe


def export(folder: Path, target: Path) -> None:
    """Write the averaged models of a training folder as fp16 safetensors."""
    pipe = pipeline_of(folder).to(torch.float16)
    pipe.save_pretrained(target, safe_serialization=True)
    for name in ("vocab.json", "merges.txt"):  # transformers 5 writes tokenizer.json alone
        shutil.copy(folder / name, target / "tokenizer" / name)
    config = target / "text_encoder" / "config.json"
    # Unasked, diffusers loads fp32 and transformers what the file says: let both say fp32.
    config.write_text(json.dumps(json.loads(config.read_text()) | {"dtype": "float32"}, indent=2) + "\n")
    (target / "atelier.json").write_text(json.dumps(ABOUT, indent=2) + "\n")


def load(path: Path = WEIGHTS) -> StableDiffusionPipeline:
    """The starter model in fp32 on the CPU; nothing is asked of the network."""
    pipe = StableDiffusionPipeline.from_pretrained(
        path, use_safetensors=True, safety_checker=None, local_files_only=True, torch_dtype=torch.float32
    )
    pipe.set_progress_bar_config(disable=True)
    return pipe


def draw_prompts(
    pipe: DiffusionPipeline, prompts: list[str], seed: int = 0, width: int = 10, **settings: Any
) -> Iterator[Image.Image]:
    """One 128 px picture for each prompt; picture i has the seed `seed` + i, whatever the batch `width`.

    Further settings go to the pipeline; a list of them (pictures, say) has one for each prompt.
    """
    for at in range(0, len(prompts), width):
        said = prompts[at : at + width]
        dice = [torch.Generator().manual_seed(seed + at + i) for i in range(len(said))]
        extra = {k: v[at : at + width] if isinstance(v, list) else v for k, v in settings.items()}
        yield from pipe(
            said, num_inference_steps=STEPS, guidance_scale=GUIDANCE, generator=dice, **extra
        ).images


def contact_sheet(
    pipe: StableDiffusionPipeline, groups: tuple[str, ...], columns: int = 8, seed: int = 7
) -> Image.Image:
    """Pictures of random prompts, a row for each group."""
    gap = 4
    step = 128 + gap
    sheet = Image.new("RGB", (columns * step + gap, len(groups) * step + gap), "white")
    for row, group in enumerate(groups):
        rng = Random(f"{seed} {group}")
        prompts = [random_prompt(rng, group)[0] for _ in range(columns)]
        for column, image in enumerate(draw_prompts(pipe, prompts, seed, columns)):
            sheet.paste(image, (column * step + gap, row * step + gap))
    return sheet
