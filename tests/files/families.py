"""Tiny models of every family, by the rules of the real ones, as diffusers' parts and as single files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

from models.files.single import FAMILIES
from tests.files import original

_WORDS = 49408


def unet(family: str, in_channels: int = 4) -> UNet2DConditionModel:
    context = {"sd1": 768, "sd2": 1024, "sdxl-refiner": 1280}.get(family, 2048)
    options: dict[str, Any] = {
        "sample_size": FAMILIES[family].native_side // 8,
        "in_channels": in_channels,
        "cross_attention_dim": context,
        "layers_per_block": 2,
    }
    if family in ("sd1", "sd2"):
        options |= {
            "block_out_channels": (64, 64, 128, 128),
            "use_linear_projection": family == "sd2",
            "attention_head_dim": 8 if family == "sd1" else (1, 1, 2, 2),
        }
    else:
        options |= _xl_options(family)
    return UNet2DConditionModel(**options).eval()


def _xl_options(family: str) -> dict[str, Any]:
    if family == "sdxl-refiner":
        return {
            "block_out_channels": (64, 64, 64, 64),
            "down_block_types": (
                "DownBlock2D",
                "CrossAttnDownBlock2D",
                "CrossAttnDownBlock2D",
                "DownBlock2D",
            ),
            "up_block_types": ("UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
            "transformer_layers_per_block": 2,
            "attention_head_dim": (1, 1, 1, 1),
            **_added(64, 5),
        }
    options: dict[str, Any] = {
        "block_out_channels": (64, 64, 64),
        "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        "attention_head_dim": (1, 1, 1),
        **_added(64, 6),
    }
    if family == "ssd-1b":
        return options | {
            "mid_block_type": "UNetMidBlock2D",
            "transformer_layers_per_block": [[1], [2, 2], [4, 4]],
            "reverse_transformer_layers_per_block": [[4, 4, 10], [2, 1, 1], 1],
        }
    if family == "vega":
        return options | {"mid_block_type": "UNetMidBlock2D", "transformer_layers_per_block": [1, 1, 2]}
    return options | {"transformer_layers_per_block": [1, 2, 10]}


def _added(pooled: int, times: int) -> dict[str, Any]:
    return {
        "use_linear_projection": True,
        "addition_embed_type": "text_time",
        "addition_time_embed_dim": 256,
        "projection_class_embeddings_input_dim": pooled + times * 256,
    }


def vae(family: str) -> AutoencoderKL:
    return AutoencoderKL(
        block_out_channels=(32, 32, 32, 32),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=2,
        latent_channels=4,
        sample_size=FAMILIES[family].native_side,
        scaling_factor=FAMILIES[family].scaling_factor,
    ).eval()


def text_encoder(
    width: int,
    *,
    act: str = "quick_gelu",
    projected: bool = False,
    projection: int | None = None,
    words: int = _WORDS,
    layers: int = 2,
) -> Any:
    config = CLIPTextConfig(
        vocab_size=words,
        hidden_size=width,
        intermediate_size=2 * width,
        num_hidden_layers=layers,
        num_attention_heads=max(1, width // 64),
        projection_dim=projection or width,
        hidden_act=act,
        bos_token_id=words - 2,
        eos_token_id=words - 1,
    )
    return (CLIPTextModelWithProjection if projected else CLIPTextModel)(config).eval()


def build(family: str, path: Path, in_channels: int = 4, seed: int = 0) -> dict[str, Any]:
    """Write a single file of the family; returns the diffusers parts that it was written from."""
    torch.manual_seed(seed)
    parts: dict[str, Any] = {"unet": unet(family, in_channels), "vae": vae(family)}
    if family == "sd1":
        parts["text_encoder"] = text_encoder(64)
        state = original.clip_state(parts["text_encoder"], "cond_stage_model.transformer.")
    elif family == "sd2":
        parts["text_encoder"] = text_encoder(64, act="gelu")
        state = original.open_clip_state(parts["text_encoder"], "cond_stage_model.model.", spare_layer=True)
    elif family == "sdxl-refiner":
        parts["text_encoder_2"] = text_encoder(64, act="gelu", projected=True)
        state = original.open_clip_state(parts["text_encoder_2"], "conditioner.embedders.0.model.")
    else:
        parts["text_encoder"] = text_encoder(128)
        parts["text_encoder_2"] = text_encoder(64, act="gelu", projected=True)
        state = original.clip_state(parts["text_encoder"], "conditioner.embedders.0.transformer.")
        state |= original.open_clip_state(parts["text_encoder_2"], "conditioner.embedders.1.model.")
    state |= original.unet_state(parts["unet"]) | original.vae_state(parts["vae"])
    original.write_single_file(path, state)
    return parts
