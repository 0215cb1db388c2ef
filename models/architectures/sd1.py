"""Stable Diffusion 1.x and its like: one CLIP text encoder, a UNet of 4 channels (9 where it was trained to
inpaint), a KL autoencoder."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

    from models.catalogue import LocalModel
    from models.engine.model import LoadedModel

PIPELINES = frozenset(
    {"StableDiffusionPipeline", "StableDiffusionImg2ImgPipeline", "StableDiffusionInpaintPipeline"}
)


def load(model: LocalModel, device: torch.device, dtype: torch.dtype) -> LoadedModel:
    """Load the folder's parts onto the device. Only safetensors are read, never a pickle or the network.

    Raises:
        OSError: a part is missing.
    """
    from diffusers.models import AutoencoderKL, UNet2DConditionModel
    from transformers import CLIPTextModel, CLIPTokenizer

    from models.engine.clip import ClipEncoder
    from models.engine.model import LoadedModel
    from models.engine.text import PromptEncoder
    from models.safety import screen_of

    options = {"torch_dtype": dtype, "local_files_only": True, "use_safetensors": True}
    unet = UNet2DConditionModel.from_pretrained(model.path / "unet", **options)
    vae = AutoencoderKL.from_pretrained(model.path / "vae", **options)
    text_encoder = CLIPTextModel.from_pretrained(
        model.path / "text_encoder", dtype=dtype, local_files_only=True, use_safetensors=True
    )
    tokenizer = CLIPTokenizer.from_pretrained(model.path / "tokenizer", local_files_only=True)
    text_encoder = text_encoder.eval().to(device)
    return LoadedModel(
        spec=model.spec,
        device=device,
        dtype=dtype,
        unet=unet.eval().to(device),
        vae=vae.eval().to(device),
        encode_prompts=PromptEncoder(ClipEncoder(tokenizer, text_encoder)).encode_prompts,
        text_encoders=(text_encoder,),
        scheduler_config=json.loads((model.path / "scheduler" / "scheduler_config.json").read_text()),
        screen=screen_of(model.path, device),
    )
