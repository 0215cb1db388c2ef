"""Tiny adapters of random weights for the tiny base model, in every spelling and of every kind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import torch
from torch import nn

#: Layers that most adapters change; with the last one they are called LoCon.
LINEAR = ("to_q", "to_k", "to_v", "to_out.0", "ff.net.0.proj", "q_proj", "k_proj", "v_proj", "out_proj")
CONVOLUTION = ("conv1",)

_SHORT = {"unet": "unet", "text_encoder": "te"}
_IN_DIFFUSERS = {"lora_up.weight": "lora_B.weight", "lora_down.weight": "lora_A.weight"}

Tensors = dict[str, torch.Tensor]


def build_tiny_adapter(
    file: Path,
    base: Path,
    *,
    kind: str = "lora",
    spelling: str = "kohya",
    layers: tuple[str, ...] = LINEAR,
    text: bool = True,
    seed: int = 0,
    strength: float = 0.5,
    alpha: float | None = 2.0,
) -> Path:
    """Write an adapter of rank 4 that fits the base model's folder; returns its file.

    Args:
        kind: "lora", "loha", "lokr", "dora", "glora", "oft" or "boft".
        spelling: "kohya", "lycoris" (kohya's with its own prefix) or "diffusers".
        layers: ends of the paths of the layers that it changes.
        text: whether it changes the text encoder too.
        strength: size of its random weights.
        alpha: None leaves it out.
    """
    from safetensors.torch import save_file

    generator = torch.Generator().manual_seed(seed)
    tensors: Tensors = {}
    for part, path, layer in _layers(base, layers, text=text):
        own = _MAKERS[kind](layer, generator, strength)
        tensors |= {_name(spelling, part, path, what): value for what, value in own.items()}
        if alpha is not None:
            tensors[_name(spelling, part, path, "alpha")] = torch.tensor(alpha)
    file.parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors, file)
    return file


def _layers(base: Path, ends: tuple[str, ...], *, text: bool) -> Iterator[tuple[str, str, nn.Module]]:
    from diffusers import UNet2DConditionModel
    from transformers import CLIPTextModel

    unet = UNet2DConditionModel.from_pretrained(base / "unet", local_files_only=True)
    parts: dict[str, nn.Module] = {"unet": unet}
    if text:
        parts["text_encoder"] = CLIPTextModel.from_pretrained(base / "text_encoder", local_files_only=True)
    for part, network in parts.items():
        for path, layer in network.named_modules():
            if path.endswith(ends) and isinstance(layer, nn.Linear | nn.Conv2d):
                yield part, path, layer


def _name(spelling: str, part: str, path: str, what: str) -> str:
    if part == "text_encoder":
        # As files have it, whatever transformers calls it now.
        path = f"text_model.{path.removeprefix('text_model.')}"
    if spelling == "diffusers":
        return f"{part}.{path}.{_IN_DIFFUSERS[what]}"
    beginning = "lycoris" if spelling == "lycoris" else "lora"
    return f"{beginning}_{_SHORT[part]}_{path.replace('.', '_')}.{what}"


def _random(generator: torch.Generator, strength: float, *shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=generator) * strength


def _lora(layer: nn.Module, generator: torch.Generator, strength: float) -> Tensors:
    out, inside, *kernel = layer.weight.shape
    ones = [1] * len(kernel)
    return {
        "lora_down.weight": _random(generator, strength, 4, inside, *kernel),
        "lora_up.weight": _random(generator, strength, out, 4, *ones),
    }


def _dora(layer: nn.Module, generator: torch.Generator, strength: float) -> Tensors:
    sides = layer.weight.ndim
    lengths = layer.weight.detach().flatten(1).norm(dim=1).reshape(-1, *[1] * (sides - 1))
    longer = 1 + _random(generator, strength, *lengths.shape).abs()
    return {**_lora(layer, generator, strength), "dora_scale": lengths * longer}


def _loha(layer: nn.Module, generator: torch.Generator, strength: float) -> Tensors:
    out, inside = layer.weight.flatten(1).shape
    shapes = {"w1_a": (out, 4), "w1_b": (4, inside), "w2_a": (out, 4), "w2_b": (4, inside)}
    return {f"hada_{name}": _random(generator, strength, *shape) for name, shape in shapes.items()}


def _lokr(layer: nn.Module, generator: torch.Generator, strength: float) -> Tensors:
    out, inside = layer.weight.flatten(1).shape
    shapes = {"lokr_w1": (2, 2), "lokr_w2_a": (out // 2, 4), "lokr_w2_b": (4, inside // 2)}
    return {name: _random(generator, strength, *shape) for name, shape in shapes.items()}


def _glora(layer: nn.Module, generator: torch.Generator, strength: float) -> Tensors:
    out, inside = layer.weight.flatten(1).shape
    shapes = {"a1": (inside, 4), "a2": (4, inside), "b1": (out, 4), "b2": (4, inside)}
    return {f"{name}.weight": _random(generator, strength, *shape) for name, shape in shapes.items()}


def _oft(layer: nn.Module, generator: torch.Generator, strength: float) -> Tensors:
    return {"oft_blocks": _random(generator, strength, len(layer.weight) // 4, 4, 4)}


def _boft(layer: nn.Module, generator: torch.Generator, strength: float) -> Tensors:
    return {"oft_blocks": _random(generator, strength, 2, len(layer.weight) // 4, 4, 4)}


_MAKERS = {
    "lora": _lora,
    "dora": _dora,
    "loha": _loha,
    "lokr": _lokr,
    "glora": _glora,
    "oft": _oft,
    "boft": _boft,
}
