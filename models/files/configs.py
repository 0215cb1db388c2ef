"""diffusers configs for a single-file model, read off the shapes of its tensors.

Nothing is looked up by name, so that a fine-tune, a distilled child or a tiny model of a test is described as
rightly as the published ones. What shapes can't tell follows the families' rules: heads are 8 in Stable
Diffusion 1 and 64 channels wide elsewhere (Podell et al. 2023, table 1), and group norms have 32 groups.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

from models.files.header import Header

UNET, VAE = "model.diffusion_model.", "first_stage_model."

Config = dict[str, Any]


def unet_config(header: Header, sample_size: int) -> Config:
    """UNet2DConditionModel's config. `sample_size`: latents along one side of the native square."""
    levels = _levels(header)
    channels = [level[0][0] for level in levels]
    depths = [[depth for _, depth in level] for level in levels]
    linear = any(
        name.startswith(UNET) and name.endswith("proj_in.weight") and len(tensor.shape) == 2
        for name, tensor in header.tensors.items()
    )
    config: Config = {
        "_class_name": "UNet2DConditionModel",
        "sample_size": sample_size,
        "in_channels": header.shape(f"{UNET}input_blocks.0.0.weight")[1],
        "out_channels": header.shape(f"{UNET}out.2.weight")[0],
        "block_out_channels": channels,
        "layers_per_block": len(levels[0]),
        "down_block_types": [_block_type(level, "Down") for level in depths],
        "mid_block_type": _middle(header),
        "up_block_types": [_block_type(level, "Up") for level in reversed(depths)],
        "transformer_layers_per_block": [level if any(level) else 1 for level in depths],
        "cross_attention_dim": context_width(header),
        "use_linear_projection": linear,
        "attention_head_dim": [width // 64 for width in channels] if linear else 8,
    }
    up = _up_depths(header, len(channels))
    if up != [[level[-1]] * (len(level) + 1) for level in reversed(depths)]:
        config["reverse_transformer_layers_per_block"] = [level if any(level) else 1 for level in up]
    else:
        config["transformer_layers_per_block"] = [max(1, level[-1]) for level in depths]
        # The middle goes as deep as the innermost level is said to, also where that level has no attention.
        config["transformer_layers_per_block"][-1] = max(
            1, transformer_depth(header, f"{UNET}middle_block"), depths[-1][-1]
        )
    added = header.shape(f"{UNET}label_emb.0.0.weight")
    if added:
        config |= {
            "addition_embed_type": "text_time",
            "addition_time_embed_dim": 256,
            "projection_class_embeddings_input_dim": added[1],
        }
    return config


def vae_config(header: Header, sample_size: int, scaling_factor: float, prefix: str = VAE) -> Config:
    """AutoencoderKL's config. `sample_size`: pixels along one side of the native square."""
    levels = _count(header, rf"{re.escape(prefix)}encoder\.down\.(\d+)\.")
    channels = [
        header.shape(f"{prefix}encoder.down.{level}.block.0.conv2.weight")[0] for level in range(levels)
    ]
    return {
        "_class_name": "AutoencoderKL",
        "sample_size": sample_size,
        "scaling_factor": scaling_factor,
        "in_channels": 3,
        "out_channels": 3,
        "latent_channels": header.shape(f"{prefix}decoder.conv_in.weight")[1],
        "block_out_channels": channels,
        "layers_per_block": _count(header, rf"{re.escape(prefix)}encoder\.down\.0\.block\.(\d+)\."),
        "down_block_types": ["DownEncoderBlock2D"] * levels,
        "up_block_types": ["UpDecoderBlock2D"] * levels,
    }


def clip_config(header: Header, prefix: str, *, projected: bool) -> Config:
    """The config of a CLIP text encoder in transformers' spelling below `prefix`."""
    words, width = header.shape(f"{prefix}embeddings.token_embedding.weight")
    return _text_config(
        words=words,
        width=width,
        inner=header.shape(f"{prefix}encoder.layers.0.mlp.fc1.weight")[0],
        layers=_count(header, rf"{re.escape(prefix)}encoder\.layers\.(\d+)\."),
        projection=width,
        act="quick_gelu",
        projected=projected,
    )


def open_clip_config(header: Header, prefix: str, *, layers_left_out: int, projected: bool) -> Config:
    """The config of a text encoder in OpenCLIP's spelling; Stable Diffusion 2 leaves the last layer out."""
    words, width = header.shape(f"{prefix}token_embedding.weight")
    return _text_config(
        words=words,
        width=width,
        inner=header.shape(f"{prefix}transformer.resblocks.0.mlp.c_fc.weight")[0],
        layers=_count(header, rf"{re.escape(prefix)}transformer\.resblocks\.(\d+)\.") - layers_left_out,
        projection=(header.shape(f"{prefix}text_projection") or (0, width))[1],
        act="gelu",
        projected=projected,
    )


def context_width(header: Header, prefix: str = UNET) -> int | None:
    """Width of the text that a UNet or ControlNet listens to: what its first cross-attention reads."""
    for name, tensor in header.tensors.items():
        if name.startswith(prefix) and name.endswith("attn2.to_k.weight") and len(tensor.shape) == 2:
            return tensor.shape[1]
    return None


def transformer_depth(header: Header, block: str) -> int:
    """Transformer blocks in the attention of one block of the UNet."""
    return _count(header, rf"{re.escape(block)}\.1\.transformer_blocks\.(\d+)\.")


def _text_config(
    *, words: int, width: int, inner: int, layers: int, projection: int, act: str, projected: bool
) -> Config:
    return {
        "architectures": ["CLIPTextModelWithProjection" if projected else "CLIPTextModel"],
        "model_type": "clip_text_model",
        "vocab_size": words,
        "hidden_size": width,
        "intermediate_size": inner,
        "num_hidden_layers": layers,
        "num_attention_heads": max(1, width // 64),
        "projection_dim": projection,
        "hidden_act": act,
        "max_position_embeddings": 77,
        # Where the prompt's end is found decides the pooled text.
        "bos_token_id": words - 2,
        "eos_token_id": words - 1,
    }


def _levels(header: Header) -> list[list[tuple[int, int]]]:
    """For each level of the UNet's way down, each block's channels and transformer depth."""
    levels: list[list[tuple[int, int]]] = [[]]
    for number in range(1, _count(header, rf"{re.escape(UNET)}input_blocks\.(\d+)\.")):
        block = f"{UNET}input_blocks.{number}"
        if header.shape(f"{block}.0.op.weight"):
            levels.append([])
        else:
            levels[-1].append(
                (header.shape(f"{block}.0.out_layers.3.weight")[0], transformer_depth(header, block))
            )
    return levels


def _up_depths(header: Header, levels: int) -> list[list[int]]:
    """For each level of the way up, innermost first, each block's transformer depth."""
    blocks = _count(header, rf"{re.escape(UNET)}output_blocks\.(\d+)\.")
    bounds = range(0, blocks + 1, blocks // levels)
    depths = [transformer_depth(header, f"{UNET}output_blocks.{number}") for number in range(blocks)]
    return [depths[start:end] for start, end in pairwise(bounds)]


def _middle(header: Header) -> str | None:
    if header.has(f"{UNET}middle_block.1.transformer_blocks."):
        return "UNetMidBlock2DCrossAttn"
    return "UNetMidBlock2D" if header.has(f"{UNET}middle_block.") else None


def _block_type(depths: list[int], way: str) -> str:
    return f"CrossAttn{way}Block2D" if any(depths) else f"{way}Block2D"


def _count(header: Header, pattern: str) -> int:
    """How many different numbers the pattern finds at the beginning of tensors' names."""
    find = re.compile(pattern)
    return len({match[1] for match in map(find.match, header.tensors) if match})
