"""Tiny ControlNets and IP-Adapters of random weights for the tiny base model."""

from __future__ import annotations

from pathlib import Path

import torch


def build_tiny_controlnet(
    folder: Path, base: Path, *, seed: int = 0, strength: float = 0.3, name: str = "canny", **config: int
) -> Path:
    """Write a ControlNet that fits the base model's folder, in diffusers' format; returns its folder.

    Args:
        strength: size of the weights through which it speaks; 0 as in one that was never trained.
        config: fields of the ControlNet's config that differ from the base model's.
    """
    from diffusers import ControlNetModel, UNet2DConditionModel

    torch.manual_seed(seed)
    unet = UNet2DConditionModel.from_pretrained(base / "unet", local_files_only=True)
    net = ControlNetModel.from_unet(unet, conditioning_embedding_out_channels=(8, 8, 16, 16))
    net = ControlNetModel.from_config({**net.config, **config}) if config else net
    mute = [
        net.controlnet_cond_embedding.conv_out,
        net.controlnet_mid_block,
        *net.controlnet_down_blocks,
    ]
    for layer in mute:
        torch.nn.init.normal_(layer.weight, std=strength)
    net.save_pretrained(folder, safe_serialization=True)
    (folder / "atelier.json").write_text(f'{{"name": "{name}", "preprocessor": "canny", "licence": "MIT"}}')
    return folder


def build_tiny_ip_adapter(folder: Path, base: Path, *, plus: bool = False, seed: int = 0) -> Path:
    """Write an IP-Adapter that fits the base model's folder, as they are exchanged; returns its folder.

    Args:
        plus: one that reads all patches of a picture through a resampler.
    """
    from diffusers import UNet2DConditionModel
    from safetensors.torch import save_file
    from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

    unet = UNet2DConditionModel.from_pretrained(base / "unet", local_files_only=True)
    # All see with the same eyes, as the published ones of a family do.
    torch.manual_seed(0)
    encoder = CLIPVisionModelWithProjection(
        CLIPVisionConfig(
            hidden_size=32,
            intermediate_size=37,
            num_hidden_layers=2,
            num_attention_heads=4,
            image_size=32,
            patch_size=8,
            projection_dim=24,
        )
    )
    encoder.save_pretrained(folder / "image_encoder", safe_serialization=True)
    torch.manual_seed(seed)
    reads = unet.config.cross_attention_dim
    projection = _resampler(32, reads) if plus else _projection(24, reads)
    weights = {f"image_proj.{name}": weight for name, weight in projection.items()}
    # Numbered like the attention processors, the self-attentions between them included.
    for number, processor in enumerate(unet.attn_processors):
        layer = unet.get_submodule(processor.removesuffix(".processor"))
        if layer.is_cross_attention:
            for part in ("k", "v"):
                # Of one size whatever it reads: louder ones would make every last bit of rounding show.
                weight = torch.randn(layer.to_k.weight.shape) * 2.8 / reads**0.5
                weights[f"ip_adapter.{number}.to_{part}_ip.weight"] = weight
    save_file(weights, folder / "ip-adapter_tiny.safetensors")
    return folder


def _projection(embedding: int, reads: int) -> dict[str, torch.Tensor]:
    """Four words for the embedding of a picture."""
    return {
        "proj.weight": torch.randn(4 * reads, embedding) * 0.3,
        "proj.bias": torch.randn(4 * reads) * 0.1,
        "norm.weight": torch.ones(reads),
        "norm.bias": torch.zeros(reads),
    }


def _resampler(embedding: int, reads: int) -> dict[str, torch.Tensor]:
    """Eight words that look at all patches (Alayrac et al. 2022), in four layers of one head of 64."""
    inner, head = 32, 64
    shapes = {
        "latents": (1, 8, inner),
        "proj_in.weight": (inner, embedding),
        "proj_in.bias": (inner,),
        "proj_out.weight": (reads, inner),
        "proj_out.bias": (reads,),
        "norm_out.weight": (reads,),
        "norm_out.bias": (reads,),
    }
    for layer in range(4):
        own = {
            "0.norm1.weight": (inner,),
            "0.norm1.bias": (inner,),
            "0.norm2.weight": (inner,),
            "0.norm2.bias": (inner,),
            "0.to_q.weight": (head, inner),
            "0.to_kv.weight": (2 * head, inner),
            "0.to_out.weight": (inner, head),
            "1.0.weight": (inner,),
            "1.0.bias": (inner,),
            "1.1.weight": (4 * inner, inner),
            "1.3.weight": (inner, 4 * inner),
        }
        shapes |= {f"layers.{layer}.{name}": shape for name, shape in own.items()}
    return {name: torch.randn(shape) * 0.3 for name, shape in shapes.items()}
