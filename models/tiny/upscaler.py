"""A tiny latent upscaler of random weights, built from its config."""

from __future__ import annotations

import json
from pathlib import Path

from models.tiny import _text_encoder, _vae, make_tokenizer


def build_tiny_latent_upscaler(folder: Path, *, seed: int = 0, name: str = "tiny-x2") -> Path:
    """Write a folder of StableDiffusionLatentUpscalePipeline's layout; returns it."""
    import torch
    from diffusers import (
        EulerDiscreteScheduler,
        StableDiffusionLatentUpscalePipeline,
        UNet2DConditionModel,
    )

    torch.manual_seed(seed)
    tokenizer = make_tokenizer()
    text_encoder = _text_encoder(tokenizer)
    unet = UNet2DConditionModel(
        sample_size=8,
        in_channels=8,
        out_channels=5,
        block_out_channels=(32, 32, 64, 64),
        layers_per_block=1,
        down_block_types=("KDownBlock2D", *["KCrossAttnDownBlock2D"] * 3),
        mid_block_type=None,
        up_block_types=(*["KCrossAttnUpBlock2D"] * 3, "KUpBlock2D"),
        act_fn="gelu",
        norm_num_groups=None,
        attention_head_dim=8,
        cross_attention_dim=32,
        # The noise level's 128 numbers and the text's 32.
        time_cond_proj_dim=160,
        time_embedding_type="fourier",
        timestep_post_act="gelu",
        resnet_time_scale_shift="scale_shift",
        conv_in_kernel=1,
        conv_out_kernel=1,
    ).eval()
    pipeline = StableDiffusionLatentUpscalePipeline(
        vae=_vae(),
        text_encoder=text_encoder,
        tokenizer=tokenizer,
        unet=unet,
        scheduler=EulerDiscreteScheduler(
            beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", prediction_type="sample"
        ),
    )
    pipeline.save_pretrained(folder, safe_serialization=True)
    about = {"name": name, "title": "Tiny 2×", "licence": "MIT"}
    (folder / "atelier.json").write_text(json.dumps(about), encoding="utf-8")
    return folder
