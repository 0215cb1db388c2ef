"""What a UNet call is told besides latents and time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from diffusers.models.embeddings import get_timestep_embedding

from core.stages import Denoise
from models.engine.model import LoadedModel
from models.engine.prompts import TextEmbeddings
from models.references.encode import Shown


@dataclass(frozen=True, kw_only=True)
class Conditions:
    """One row's half of a UNet call: its text, or with guidance its negative text."""

    #: (1, tokens, hidden)
    text: torch.Tensor
    #: Further arguments of the call, by name: tensors (1, ...), or lists and dicts of them.
    options: dict[str, Any]


def is_guided(model: LoadedModel, stage: Denoise) -> bool:
    """Guidance at a scale of 1 changes nothing, so that it is left out, as diffusers does."""
    return stage.guidance_scale > 1 and not model.embeds_guidance


def conditions(
    model: LoadedModel, stage: Denoise, text: TextEmbeddings, references: Sequence[Shown] = ()
) -> tuple[Conditions, ...]:
    """The halves of a row's call: negative and positive with guidance, else only positive."""
    positive = _half(model, stage, text, text.positive, references, negative=False)
    if not is_guided(model, stage) or text.negative is None:
        return (positive,)
    return _half(model, stage, text, text.negative, references, negative=True), positive


def _half(
    model: LoadedModel,
    stage: Denoise,
    text: TextEmbeddings,
    tokens: torch.Tensor,
    references: Sequence[Shown],
    *,
    negative: bool,
) -> Conditions:
    options: dict[str, Any] = {}
    added: dict[str, Any] = dict(model.added_conditions(text, stage, negative))
    if references:
        added["image_embeds"] = [shown.negative if negative else shown.positive for shown in references]
    if added:
        options["added_cond_kwargs"] = added
    if model.embeds_guidance:
        options["timestep_cond"] = _embedded_guidance(model, stage.guidance_scale)
    return Conditions(text=tokens, options=options)


def _embedded_guidance(model: LoadedModel, scale: float) -> torch.Tensor:
    """The scale as a distilled UNet reads it (Meng et al. 2023): (1, time_cond_proj_dim)."""
    size = model.unet.config.time_cond_proj_dim
    embedding = get_timestep_embedding(torch.tensor([(scale - 1) * 1000]), size, downscale_freq_shift=1)
    return embedding.to(model.device, model.dtype)
