"""An IP-Adapter: the picture to follow is itself a prompt (Ye et al. 2023, arXiv:2308.06721).

The image encoder's one embedding becomes four tokens, which every cross-attention layer of the UNet reads
with keys and values of its own. The layers are diffusers' own, and so is the file.
"""

from __future__ import annotations

from pathlib import Path
from random import Random

import torch
from diffusers import UNet2DConditionModel
from safetensors.torch import save_file
from torch import Tensor, nn

from models.starter import text
from models.starter.base import base_of
from models.starter.companions import vision
from models.starter.companions.upscaler import worn
from models.starter.crew import Job
from models.starter.diffusion import trained, velocity_loss
from models.starter.grammar import caption
from models.starter.renderer import pixels
from models.starter.scenes import Scene
from models.starter.stage import Stage, averages, put

TOKENS = 4
"""Words that a picture is worth."""


def _untrained(unet: UNet2DConditionModel) -> dict[str, dict[str, Tensor]]:
    """An adapter that looks at the picture through the UNet's own keys and values, as files have it."""
    width = text.WIDTH
    layer = nn.Linear(width, TOKENS * width)
    nn.init.normal_(layer.weight, std=width**-0.5)
    proj = {"proj.weight": layer.weight, "proj.bias": torch.zeros(TOKENS * width)}
    proj |= {"norm.weight": torch.ones(width), "norm.bias": torch.zeros(width)}
    layers = {}
    crossings = [name for name in unet.attn_processors if "attn2" in name]
    for i, name in enumerate(crossings):
        attention = unet.get_submodule(name.removesuffix(".processor"))
        layers[f"{2 * i + 1}.to_k_ip.weight"] = attention.to_k.weight
        layers[f"{2 * i + 1}.to_v_ip.weight"] = attention.to_v.weight
    return {"image_proj": _copies(proj), "ip_adapter": _copies(layers)}


def _copies(state: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor.detach().clone() for name, tensor in state.items()}


def adapt(unet: UNet2DConditionModel) -> nn.ModuleDict:
    """Put an untrained adapter into a UNet; its parts, the only things in the UNet that learn."""
    unet.requires_grad_(False)
    unet._load_ip_adapter_weights([_untrained(unet)], low_cpu_mem_usage=False)
    layers = nn.ModuleList(unet.attn_processors[name] for name in unet.attn_processors if "attn2" in name)
    return nn.ModuleDict({"image_proj": unet.encoder_hid_proj, "ip_adapter": layers}).requires_grad_(True)


def _prompt(scene: Scene, rng: Random) -> str:
    return "" if rng.random() < 0.6 else caption(scene, rng)


def train(job: Job, rank: int) -> None:
    """Train until the time is up, resuming from the checkpoint; the image encoder must be done."""
    base = base_of(job, rank)
    encoder = vision.trained(job.folder)[0].to(job.device)
    stage = Stage(job, rank, "adapter", [adapt(base.unet)], weight_decay=0.0)

    def loss_of() -> Tensor:
        scenes, clean = base.draw(stage.rng)
        pictures = vision.tensor_of([worn(pixels(scene), stage.rng) for scene in scenes])
        with torch.no_grad():
            seen = encoder(pictures.to(job.device)).image_embeds[:, None]
        # A tenth sees nothing, as guidance's unconditional half does.
        seen = seen * (torch.rand(len(seen), 1, 1, device=seen.device) > 0.1)
        said = base.say([_prompt(scene, stage.rng) for scene in scenes])
        return velocity_loss(
            base.unet, clean, said, lambda *_: {"added_cond_kwargs": {"image_embeds": [seen]}}
        )

    stage.train(loss_of)


def export(folder: Path, target: Path) -> None:
    """Write the averaged adapter as one fp16 file, with its image encoder's folder beside it."""
    unet = trained(folder)[2]
    parts = adapt(unet)
    put(parts.parameters(), averages(folder, "adapter"))
    state = {f"image_proj.{name}": t for name, t in _projection(parts["image_proj"]).items()}
    for i, layer in enumerate(parts["ip_adapter"]):
        state[f"ip_adapter.{2 * i + 1}.to_k_ip.weight"] = layer.to_k_ip[0].weight
        state[f"ip_adapter.{2 * i + 1}.to_v_ip.weight"] = layer.to_v_ip[0].weight
    target.mkdir(parents=True, exist_ok=True)
    halves = {name: tensor.detach().half().contiguous() for name, tensor in state.items()}
    save_file(halves, target / "ip-adapter.safetensors", metadata={"format": "pt", "licence": "CC0-1.0"})
    vision.trained(folder)[0].half().save_pretrained(target / "image_encoder", safe_serialization=True)


def _projection(projection: nn.Module) -> dict[str, Tensor]:
    """The projection's tensors under their published names."""
    layer = projection.image_projection_layers[0]
    names = {"image_embeds": "proj", "norm": "norm"}
    return {
        f"{names[owner]}.{kind}": tensor
        for owner, kind, tensor in ((*n.split("."), t) for n, t in layer.state_dict().items())
    }
