"""A LoRA for a style that the base model has never seen: "a quartered red circle".

Learnt from 32 pictures. Half of each batch are ordinary scenes in their ordinary words, so that only the new
word brings the new style. Saved under kohya's key names, which every tool reads.
"""

from __future__ import annotations

from pathlib import Path
from random import Random

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from diffusers.utils import convert_state_dict_to_kohya
from peft import LoraConfig
from peft.utils import get_peft_model_state_dict
from safetensors.torch import save_file
from torch import Tensor

from models.starter.base import base_of
from models.starter.crew import Job
from models.starter.diffusion import BATCH, latents_of, trained, velocity_loss
from models.starter.grammar import caption, describe
from models.starter.scenes import TAUGHT_STYLES, one_thing
from models.starter.stage import Stage, averages, put

STYLE = TAUGHT_STYLES[0]
PICTURES = 32
RANK = 8
_LAYERS = ["to_q", "to_k", "to_v", "to_out.0", "proj_in", "proj_out", "ff.net.0.proj", "ff.net.2"]


def adapt(unet: UNet2DConditionModel) -> UNet2DConditionModel:
    """The UNet with an untrained LoRA around its attention layers, the only thing in it that learns."""
    unet.requires_grad_(False)
    unet.add_adapter(LoraConfig(r=RANK, lora_alpha=RANK, target_modules=_LAYERS))
    return unet


def train(job: Job, rank: int) -> None:
    """Train until the time is up, resuming from the checkpoint."""
    base = base_of(job, rank)
    unet = adapt(base.unet)
    stage = Stage(job, rank, "lora", [unet], weight_decay=0.0)
    dice = Random(job.seed)
    pictures = tuple(one_thing(dice, STYLE) for _ in range(PICTURES))
    vae = AutoencoderKL.from_pretrained(job.folder / "vae").to(job.device).eval()
    latents = latents_of(vae, pictures)

    def loss_of() -> Tensor:
        picks = [stage.rng.randrange(PICTURES) for _ in range(BATCH // 2)]
        others, clean = base.draw(stage.rng, BATCH - len(picks))
        said = [describe(pictures[i], stage.rng) for i in picks]
        said += [caption(scene, stage.rng) for scene in others]
        return velocity_loss(unet, torch.cat([latents[picks], clean]), base.say(said))

    stage.train(loss_of)


def export(folder: Path, target: Path) -> None:
    """Write the averaged LoRA as one fp16 file with kohya's key names."""
    unet = adapt(trained(folder)[2])
    put([p for p in unet.parameters() if p.requires_grad], averages(folder, "lora"))
    layers = {f"unet.{name}": tensor for name, tensor in get_peft_model_state_dict(unet).items()}
    state = {name: tensor.half().contiguous() for name, tensor in convert_state_dict_to_kohya(layers).items()}
    target.mkdir(parents=True, exist_ok=True)
    about = {
        "format": "pt",
        "licence": "CC0-1.0",
        "ss_network_module": "networks.lora",
        "ss_network_dim": str(RANK),
        "ss_network_alpha": str(RANK),
        "modelspec.title": STYLE,
        "modelspec.trigger_phrase": STYLE,
    }
    save_file(state, target / f"{STYLE}.safetensors", metadata=about)
