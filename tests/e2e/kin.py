"""The starter model's parts in other spellings, whose pictures are known beforehand."""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from safetensors.torch import load_file, save_file

from core.settings import STARTER_MODEL_DIR

_BASE = STARTER_MODEL_DIR / "sd"

#: Kinds that can say what a LoRA says.
KIN = ("loha", "lokr", "dora")


def save_kin(kind: str, target: Path) -> None:
    """The shipped LoRA as another kind: the same change of the same weights."""
    shipped = load_file(STARTER_MODEL_DIR / "lora" / "quartered.safetensors")
    unet = UNet2DConditionModel.from_pretrained(_BASE / "unet", local_files_only=True)
    layers = {path.replace(".", "_"): layer for path, layer in unet.named_modules()}
    tensors: dict[str, torch.Tensor] = {}
    for name in [name.removesuffix(".alpha") for name in shipped if name.endswith(".alpha")]:
        down, up = (shipped[f"{name}.lora_{way}.weight"].float() for way in ("down", "up"))
        weight = layers[name.removeprefix("lora_unet_")].weight.detach()
        alpha = shipped[f"{name}.alpha"].float()
        said = {"alpha": alpha, **_SAID[kind](down, up, weight, float(alpha) / len(down))}
        tensors |= {f"{name}.{what}": value.contiguous() for what, value in said.items()}
    target.parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors, target)


def _loha(down: torch.Tensor, up: torch.Tensor, *_: object) -> dict[str, torch.Tensor]:
    """Times a matrix of ones, element by element."""
    one, other = up.flatten(1), down.flatten(1)
    ones = {"hada_w2_a": torch.ones(len(one), 1), "hada_w2_b": torch.ones(1, other.shape[1])}
    return {"hada_w1_a": one, "hada_w1_b": other, **ones}


def _lokr(down: torch.Tensor, up: torch.Tensor, *_: object) -> dict[str, torch.Tensor]:
    """The Kronecker product with 1."""
    return {"lokr_w1": torch.ones(1, 1), "lokr_w2_a": up.flatten(1), "lokr_w2_b": down.flatten(1)}


def _dora(
    down: torch.Tensor, up: torch.Tensor, weight: torch.Tensor, scale: float
) -> dict[str, torch.Tensor]:
    """Rows as long as those that the LoRA makes."""
    changed = weight.flatten(1) + scale * up.flatten(1) @ down.flatten(1)
    lengths = changed.norm(dim=1).reshape(-1, *[1] * (weight.ndim - 1))
    return {"lora_down.weight": down, "lora_up.weight": up, "dora_scale": lengths}


_SAID = {"loha": _loha, "lokr": _lokr, "dora": _dora}


def save_swapped_vae(target: Path) -> None:
    """The starter model's VAE, which gives out red for blue and blue for red."""
    vae = AutoencoderKL.from_pretrained(_BASE / "vae", local_files_only=True)
    last = vae.decoder.conv_out
    with torch.no_grad():
        last.weight.copy_(last.weight[[2, 1, 0]].clone())
        last.bias.copy_(last.bias[[2, 1, 0]].clone())
    vae.save_pretrained(target, safe_serialization=True)
