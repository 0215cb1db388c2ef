"""Tiny Stable Diffusion folders with random weights, built from configs: for tests and benchmarks."""

from __future__ import annotations

import json
from pathlib import Path

import torch

#: Characters that the byte-level tokenizer knows.
_BYTES = [chr(code) for code in (*range(33, 127), *range(161, 173), *range(174, 256))] + [
    chr(256 + extra) for extra in range(68)
]


def build_tiny_model(
    folder: Path,
    *,
    channels: tuple[int, ...] = (32, 32),
    in_channels: int = 4,
    latent_side: int = 4,
    prediction_type: str = "epsilon",
    seed: int = 0,
    name: str = "tiny",
    safety_checker: bool = False,
) -> Path:
    """Write an SD 1.x-shaped diffusers folder whose pictures have contrast; returns the folder.

    Args:
        channels: `block_out_channels` of the UNet.
        in_channels: 9 for a UNet that inpaints.
        latent_side: latents along one side of its native square; 8 pixels each.
        safety_checker: bring a StableDiffusionSafetyChecker of random weights along.
    """
    from diffusers import PNDMScheduler, StableDiffusionPipeline

    torch.manual_seed(seed)
    checker, extractor = _safety_checker() if safety_checker else (None, None)
    tokenizer = make_tokenizer()
    pipeline = StableDiffusionPipeline(
        unet=_unet(channels, latent_side, in_channels),
        vae=_vae(),
        text_encoder=_text_encoder(tokenizer),
        tokenizer=tokenizer,
        scheduler=PNDMScheduler(
            beta_start=0.00085,
            beta_end=0.012,
            beta_schedule="scaled_linear",
            skip_prk_steps=True,
            set_alpha_to_one=False,
            steps_offset=1,
            prediction_type=prediction_type,
        ),
        safety_checker=checker,
        feature_extractor=extractor,
        requires_safety_checker=safety_checker,
    )
    pipeline.save_pretrained(folder, safe_serialization=True)
    about = {"name": name, "title": name.capitalize(), "licence": "MIT", "min_side": 16, "side_multiple": 16}
    (folder / "atelier.json").write_text(json.dumps(about))
    return folder


def make_tokenizer():
    """A CLIPTokenizer of single bytes."""
    from transformers import CLIPTokenizer

    words = [*_BYTES, *(byte + "</w>" for byte in _BYTES), "<|startoftext|>", "<|endoftext|>"]
    vocabulary = {word: number for number, word in enumerate(words)}
    return CLIPTokenizer(vocab=vocabulary, merges=[], model_max_length=77)


def _text_encoder(tokenizer):
    from transformers import CLIPTextConfig, CLIPTextModel

    config = CLIPTextConfig(
        vocab_size=len(tokenizer),
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        hidden_size=32,
        intermediate_size=37,
        num_hidden_layers=2,
        num_attention_heads=4,
    )
    return CLIPTextModel(config).eval()


def _unet(channels: tuple[int, ...], latent_side: int, in_channels: int):
    from diffusers import UNet2DConditionModel

    levels = len(channels)
    return UNet2DConditionModel(
        block_out_channels=channels,
        layers_per_block=1,
        sample_size=latent_side,
        in_channels=in_channels,
        down_block_types=("DownBlock2D", *["CrossAttnDownBlock2D"] * (levels - 1)),
        up_block_types=(*["CrossAttnUpBlock2D"] * (levels - 1), "UpBlock2D"),
        cross_attention_dim=32,
        attention_head_dim=4,
        norm_num_groups=8,
    ).eval()


def _vae():
    from diffusers import AutoencoderKL

    vae = AutoencoderKL(
        block_out_channels=(8, 8, 8, 8),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=1,
        norm_num_groups=4,
        latent_channels=4,
    ).eval()
    # Random decoders draw nearly flat gray; stretch this one to the contrast of a picture.
    with torch.no_grad():
        spread = vae.decode(torch.randn(1, 4, 8, 8) * 3).sample.std()
        vae.decoder.conv_out.weight.mul_(0.4 / spread)
    return vae


def _safety_checker():
    from diffusers.pipelines.stable_diffusion.safety_checker import StableDiffusionSafetyChecker
    from transformers import CLIPConfig
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

    vision = {
        "hidden_size": 32,
        "intermediate_size": 37,
        "num_hidden_layers": 1,
        "num_attention_heads": 4,
        "image_size": 32,
        "patch_size": 8,
        "projection_dim": 16,
    }
    config = CLIPConfig(text_config={"projection_dim": 16}, vision_config=vision, projection_dim=16)
    extractor = CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})
    return StableDiffusionSafetyChecker(config).eval(), extractor
