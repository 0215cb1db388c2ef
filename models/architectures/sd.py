"""Stable Diffusion 1.x and 2.x and their like: one text encoder, a UNet of 4 channels (9 where it was trained
to inpaint), a KL autoencoder. Version 2 differs in its text encoder (OpenCLIP's) and in what its UNet
predicts, which both lie in the configs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

    from models.catalogue import LocalModel
    from models.engine.model import LoadedModel

ARCHITECTURES = frozenset({"sd1", "sd2"})
PIPELINES = frozenset(
    {"StableDiffusionPipeline", "StableDiffusionImg2ImgPipeline", "StableDiffusionInpaintPipeline"}
)


def load(model: LocalModel, device: torch.device, dtype: torch.dtype) -> LoadedModel:
    """Load the parts, which come onto the device as they are needed. Raises BadWeights or OSError."""
    from models.engine.clip import ClipEncoder
    from models.engine.model import LoadedModel
    from models.engine.placement import Part, Placement
    from models.engine.samplers import Schedulers
    from models.engine.text import PromptEncoder
    from models.parts import load_parts
    from models.safety import screen_of

    parts = load_parts(model.path, dtype)
    (tokenizer,), (text_encoder,) = parts.tokenizers, parts.text_encoders
    unet, vae, text_encoder = parts.unet.eval(), parts.vae.eval(), text_encoder.eval()
    placement = Placement(device, {Part.TEXT: (text_encoder,), Part.UNET: (unet,), Part.VAE: (vae,)})
    clip = ClipEncoder(tokenizer, text_encoder, bring=placement.bringing(Part.TEXT))
    return LoadedModel(
        spec=model.spec,
        device=device,
        dtype=dtype,
        unet=unet,
        vae=vae,
        encode_prompts=PromptEncoder(clip).encode_prompts,
        text_encoders=(text_encoder,),
        schedulers=Schedulers(parts.scheduler_config),
        screen=screen_of(model.path, device),
        placement=placement,
        plan=model.plan,
    )
