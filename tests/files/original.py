"""Writes a diffusers pipeline's weights in the original spelling, as single files have them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

State = dict[str, torch.Tensor]

_RESNET = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "time_emb_proj": "emb_layers.1",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "conv_shortcut": "skip_connection",
}
_UNET_ENDS = {
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "add_embedding.linear_1": "label_emb.0.0",
    "add_embedding.linear_2": "label_emb.0.2",
    "conv_in": "input_blocks.0.0",
    "conv_norm_out": "out.0",
    "conv_out": "out.2",
}
_OPEN_CLIP = {
    "layer_norm1": "ln_1",
    "layer_norm2": "ln_2",
    "mlp.fc1": "mlp.c_fc",
    "mlp.fc2": "mlp.c_proj",
    "self_attn.out_proj": "attn.out_proj",
}


def unet_state(unet: Any) -> State:
    blocks = unet.config.layers_per_block + 1
    return {
        f"model.diffusion_model.{_unet_name(name, blocks)}": tensor
        for name, tensor in unet.state_dict().items()
    }


def _unet_name(name: str, blocks: int) -> str:
    for ours, theirs in _UNET_ENDS.items():
        if name.startswith(f"{ours}."):
            return theirs + name.removeprefix(ours)
    kind, rest = name.split(".", 1)
    if kind == "mid_block":
        part, number, inner = rest.split(".", 2)
        return f"middle_block.{2 * int(number) if part == 'resnets' else 1}.{_inner(part, inner)}"
    level, part, number, inner = rest.split(".", 3)
    if part == "downsamplers":
        return f"input_blocks.{blocks * (int(level) + 1)}.0.op.{inner.removeprefix('conv.')}"
    if part == "upsamplers":
        return f"output_blocks.{blocks * int(level) + blocks - 1}.{{last}}.{inner}"
    at = blocks * int(level) + int(number) + (1 if kind == "down_blocks" else 0)
    side = "input" if kind == "down_blocks" else "output"
    return f"{side}_blocks.{at}.{1 if part == 'attentions' else 0}.{_inner(part, inner)}"


def _inner(part: str, inner: str) -> str:
    if part == "attentions":
        return inner
    name, end = inner.rsplit(".", 1)
    return f"{_RESNET[name]}.{end}"


def place_upsamplers(state: State) -> State:
    """An upsampler follows its block's attention where there is one."""
    placed = {}
    for name, tensor in state.items():
        block = name.split(".{last}.")[0]
        attended = any(other.startswith(f"{block}.1.") for other in state)
        placed[name.replace("{last}", "2" if attended else "1")] = tensor
    return placed


def vae_state(vae: Any) -> State:
    levels = len(vae.config.block_out_channels)
    found = {}
    for name, tensor in vae.state_dict().items():
        new = re.sub(r"down_blocks\.(\d+)\.resnets\.", r"down.\1.block.", name)
        new = re.sub(r"down_blocks\.(\d+)\.downsamplers\.0", r"down.\1.downsample", new)
        new = re.sub(r"up_blocks\.(\d+)", lambda match: f"up.{levels - 1 - int(match[1])}", new)
        new = new.replace(".resnets.", ".block.").replace("upsamplers.0", "upsample")
        new = re.sub(r"mid_block\.block\.(\d+)", lambda match: f"mid.block_{int(match[1]) + 1}", new)
        new = new.replace("mid_block.attentions.0", "mid.attn_1").replace("conv_shortcut", "nin_shortcut")
        new = new.replace("conv_norm_out", "norm_out").replace("group_norm", "norm")
        projection = re.search(r"\.(to_q|to_k|to_v|to_out\.0)\.", new)
        if projection:
            short = {"to_q": "q", "to_k": "k", "to_v": "v", "to_out.0": "proj_out"}[projection[1]]
            new = new.replace(projection[1], short)
            tensor = tensor[:, :, None, None] if new.endswith("weight") else tensor
        found[f"first_stage_model.{new}"] = tensor
    return found


def clip_state(encoder: Any, prefix: str) -> State:
    return {
        f"{prefix}text_model.{name.removeprefix('text_model.')}": tensor
        for name, tensor in encoder.state_dict().items()
    }


def open_clip_state(encoder: Any, prefix: str, *, spare_layer: bool = False) -> State:
    """`spare_layer`: with the layer that Stable Diffusion 2 brings and does not use."""
    state = {name.removeprefix("text_model."): tensor for name, tensor in encoder.state_dict().items()}
    found = {
        "positional_embedding": state["embeddings.position_embedding.weight"],
        "token_embedding.weight": state["embeddings.token_embedding.weight"],
        "ln_final.weight": state["final_layer_norm.weight"],
        "ln_final.bias": state["final_layer_norm.bias"],
        "text_projection": state.get("text_projection.weight", torch.eye(encoder.config.hidden_size)).T,
    }
    for layer in range(encoder.config.num_hidden_layers):
        found |= _open_clip_layer(state, layer, layer)
    if spare_layer:
        found |= _open_clip_layer(state, 0, encoder.config.num_hidden_layers)
    return {f"{prefix}{name}": tensor for name, tensor in found.items()}


def _open_clip_layer(state: State, source: int, target: int) -> State:
    ours, theirs = f"encoder.layers.{source}.", f"transformer.resblocks.{target}."
    found = {}
    for end in ("weight", "bias"):
        for name, new in _OPEN_CLIP.items():
            found[f"{theirs}{new}.{end}"] = state[f"{ours}{name}.{end}"]
        joined = [state[f"{ours}self_attn.{part}_proj.{end}"] for part in "qkv"]
        found[f"{theirs}attn.in_proj_{end}"] = torch.cat(joined)
    return found


def write_single_file(path: Path, state: State) -> Path:
    whole = {name: tensor.clone().contiguous() for name, tensor in place_upsamplers(state).items()}
    save_file(whole, path, {"format": "pt"})
    return path
