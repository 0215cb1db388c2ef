"""Stable Diffusion XL (Podell et al. 2023), its refiner, and its distilled children SSD-1B and Vega.

The UNet is told, besides the text, a summary of it and numbers about the picture's size: the base the
original size, the crop and the target size, the refiner an aesthetic score in place of the last.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

    from core.stages import Denoise
    from models.catalogue import LocalModel
    from models.engine.model import AddedConditions, LoadedModel
    from models.engine.prompts import TextEmbeddings

ARCHITECTURES = frozenset({"sdxl", "sdxl-refiner", "ssd-1b", "vega"})
PIPELINES = frozenset(
    {"StableDiffusionXLPipeline", "StableDiffusionXLImg2ImgPipeline", "StableDiffusionXLInpaintPipeline"}
)
#: The refiner's aesthetic scores, for the prompt and against the negative prompt.
_SCORE, _NEGATIVE_SCORE = 6.0, 2.5
#: Numbers that the refiner is told; the base is told six.
_REFINERS_NUMBERS = 5


def load(model: LocalModel, device: torch.device, dtype: torch.dtype) -> LoadedModel:
    """Load the parts, which come onto the device as they are needed. Raises BadWeights or OSError."""
    import torch

    from models.adapters.names import TEXT, TEXT_2
    from models.engine.clip import ClipEncoder
    from models.engine.model import LoadedModel
    from models.engine.placement import Part, Placement
    from models.engine.samplers import Schedulers
    from models.engine.text import PromptEncoder
    from models.parts import load_parts
    from models.safety import screen_of

    parts = load_parts(model.path, dtype)
    encoders = tuple(encoder.eval() for encoder in parts.text_encoders)
    # The published autoencoder overflows in fp16 and says so.
    vae = parts.vae.to(torch.float32) if parts.vae.config.force_upcast else parts.vae
    unet, vae = parts.unet.eval(), vae.eval()
    placement = Placement(device, {Part.TEXT: encoders, Part.UNET: (unet,), Part.VAE: (vae,)})
    bring = placement.bringing(Part.TEXT)
    clips = [
        # All of the family read the last layer but one, without the norm that follows.
        ClipEncoder(tokenizer, encoder, layer=2, final_norm=False, part=part, bring=bring)
        for tokenizer, encoder, part in zip(parts.tokenizers, encoders, (TEXT, TEXT_2), strict=False)
    ]
    encoder = PromptEncoder(*clips, zero_empty_negative=parts.zero_empty_negative)
    return LoadedModel(
        spec=model.spec,
        device=device,
        dtype=dtype,
        unet=unet,
        vae=vae,
        encode_prompts=encoder.encode_prompts,
        text_encoders=encoders,
        schedulers=Schedulers(parts.scheduler_config),
        screen=screen_of(model.path, device),
        placement=placement,
        plan=model.plan,
        added_conditions=_added_conditions(parts.unet.config, dtype),
    )


def _added_conditions(config: object, dtype: torch.dtype) -> AddedConditions:
    """What a UNet of this config is told besides the text."""
    import torch

    def added(text: TextEmbeddings, stage: Denoise, negative: bool) -> dict[str, torch.Tensor]:
        pooled = text.pooled_negative if negative else text.pooled_positive
        if pooled is None:
            raise ValueError("the text encoder says no summary")
        numbers: list[float] = [stage.height, stage.width, 0, 0]
        told = config.projection_class_embeddings_input_dim - pooled.shape[-1]  # type: ignore[attr-defined]
        if told == _REFINERS_NUMBERS * config.addition_time_embed_dim:  # type: ignore[attr-defined]
            numbers.append(_NEGATIVE_SCORE if negative else _SCORE)
        else:
            numbers += [stage.height, stage.width]
        return {"text_embeds": pooled, "time_ids": torch.tensor([numbers], dtype=dtype, device=pooled.device)}

    return added
