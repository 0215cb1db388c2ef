"""Latent upscalers: Stable Diffusion's latents to those of a picture with twice the sides."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

    from models.catalogue import LocalModel
    from models.engine.model import LoadedModel

ARCHITECTURES = frozenset({"latent-upscaler"})
PIPELINES = frozenset({"StableDiffusionLatentUpscalePipeline"})


def load(model: LocalModel, device: torch.device, dtype: torch.dtype) -> LoadedModel:
    """Load the parts; they come onto the device as they are needed. Raises OSError where one is missing."""
    from models.engine.latent_upscaling import PlainText
    from models.engine.model import LoadedModel
    from models.engine.placement import Part, Placement
    from models.engine.samplers import Schedulers
    from models.parts import load_parts
    from models.safety import screen_of

    parts = load_parts(model.path, dtype)
    (tokenizer,), (text_encoder,) = parts.tokenizers, parts.text_encoders
    unet, vae, text_encoder = parts.unet.eval(), parts.vae.eval(), text_encoder.eval()
    placement = Placement(device, {Part.TEXT: (text_encoder,), Part.UNET: (unet,), Part.VAE: (vae,)})
    text = PlainText(tokenizer=tokenizer, text_encoder=text_encoder, bring=placement.bringing(Part.TEXT))
    return LoadedModel(
        spec=model.spec,
        device=device,
        dtype=dtype,
        unet=unet,
        vae=vae,
        encode_prompts=text.encode_prompts,
        text_encoders=(text_encoder,),
        schedulers=Schedulers(parts.scheduler_config),
        screen=screen_of(model.path, device),
        placement=placement,
        plan=model.plan,
    )
