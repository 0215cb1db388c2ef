"""An IP-Adapter: the picture to follow is itself a prompt (Ye et al. 2023, arXiv:2308.06721).

The image encoder's one embedding becomes four tokens, which every cross-attention layer of the UNet reads
with keys and values of its own. They begin as what the text encoder would say of the picture, as far as
least squares find it in the embedding, read as its words are read. The layers are diffusers' own, and so is
the file.
"""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import torch
from diffusers import UNet2DConditionModel
from safetensors.torch import save_file
from torch import Tensor, nn
from transformers import CLIPVisionModelWithProjection

from models.starter import text
from models.starter.base import Base, base_of
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


_BATCHES, _RIDGE = 60, 0.01
"""Batches of 64 pictures for the least squares, and how far those shrink: a share of the inputs' variance."""


@torch.no_grad()
def _translation(base: Base, encoder: CLIPVisionModelWithProjection) -> tuple[nn.Linear, nn.LayerNorm]:
    """From embeddings of pictures to what the text encoder says of them at its last padding tokens.

    Those tell the whole caption. Ridge regression to their values before the encoder's last scale and shift.
    """
    rng, last = Random(1), base.encoder.final_layer_norm
    seen, said = [], []
    for _ in range(_BATCHES):
        scenes, pictures = vision.batch(rng, 64)
        seen.append(encoder(vision.tensor_of(pictures).to(base.device)).image_embeds)
        tokens = base.say([caption(scene, rng) for scene in scenes])[:, -TOKENS:]
        said.append(((tokens - last.bias) / last.weight).flatten(1))
    ones = torch.ones(64 * _BATCHES, 1, device=base.device)
    inputs, outputs = torch.cat([torch.cat(seen), ones], 1), torch.cat(said)
    shrink = _RIDGE * len(inputs) * inputs.var() * torch.eye(inputs.shape[1], device=base.device)
    found = torch.linalg.solve(inputs.T @ inputs + shrink, inputs.T @ outputs)
    linear = nn.Linear(text.WIDTH, TOKENS * text.WIDTH, device=base.device)
    linear.weight.copy_(found[:-1].T)
    linear.bias.copy_(found[-1])
    return linear, last


def _beginning(unet: UNet2DConditionModel, linear: nn.Linear, norm: nn.LayerNorm) -> dict[str, Any]:
    """An adapter that looks at the picture through the UNet's own keys and values, as files have it."""
    proj = {f"proj.{name}": tensor for name, tensor in linear.state_dict().items()}
    proj |= {f"norm.{name}": tensor for name, tensor in norm.state_dict().items()}
    layers = {}
    crossings = [name for name in unet.attn_processors if "attn2" in name]
    for i, name in enumerate(crossings):
        attention = unet.get_submodule(name.removesuffix(".processor"))
        layers[f"{2 * i + 1}.to_k_ip.weight"] = attention.to_k.weight
        layers[f"{2 * i + 1}.to_v_ip.weight"] = attention.to_v.weight
    return {"image_proj": _copies(proj), "ip_adapter": _copies(layers)}


def _copies(state: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor.detach().clone() for name, tensor in state.items()}


def adapt(unet: UNet2DConditionModel, linear: nn.Linear, norm: nn.LayerNorm) -> nn.ModuleDict:
    """Put an adapter into a UNet; its parts, the only things in the UNet that learn.

    Args:
        linear, norm: from an embedding to its tokens.
    """
    unet.requires_grad_(False)
    unet._load_ip_adapter_weights([_beginning(unet, linear, norm)], low_cpu_mem_usage=False)
    layers = nn.ModuleList(unet.attn_processors[name] for name in unet.attn_processors if "attn2" in name)
    return nn.ModuleDict({"image_proj": unet.encoder_hid_proj, "ip_adapter": layers}).requires_grad_(True)


def _prompt(scene: Scene, rng: Random) -> str:
    return "" if rng.random() < 0.6 else caption(scene, rng)


def train(job: Job, rank: int) -> None:
    """Train until the time is up, resuming from the checkpoint; the image encoder must be done."""
    base = base_of(job, rank)
    encoder = vision.trained(job.folder)[0].to(job.device)
    parts = adapt(base.unet, *_translation(base, encoder))
    stage = Stage(job, rank, "adapter", [parts], weight_decay=0.0)

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
    parts = adapt(unet, nn.Linear(text.WIDTH, TOKENS * text.WIDTH), nn.LayerNorm(text.WIDTH))
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
