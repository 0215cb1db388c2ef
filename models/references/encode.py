"""Pictures that prompt, as the UNet reads them: embedded once when a row begins."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from core.addon_spec import AddonKind
from core.guides import Reference
from core.stages import Denoise
from core.words import N_
from models.engine.api import DoesNotFit
from models.engine.images import ImageRun
from models.engine.model import LoadedModel
from models.references.files import IPAdapter


@dataclass(frozen=True, kw_only=True)
class Worn:
    """What rows of a lane must share of one IP-Adapter."""

    name: str
    #: One that was replaced on disk is another than the new one of its name.
    weights_hash: str
    scale: float
    #: How many pictures it is shown.
    pictures: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Shown:
    """One IP-Adapter of a row and what it was shown."""

    worn: Worn
    adapter: IPAdapter
    #: (1, pictures, ...) each, as `image_embeds` of the UNet's `added_cond_kwargs`.
    positive: torch.Tensor
    negative: torch.Tensor


def references_of(run: ImageRun, stage: Denoise) -> tuple[Shown, ...]:
    """Load the stage's IP-Adapters and embed their pictures. One of scale 0 changes nothing and is left out.

    Raises:
        UnknownModel: an IP-Adapter is not on this machine.
        DoesNotFit: it was made for another kind of base model.
        ImageFailed: a picture is no longer stored.
    """
    shown = tuple(_shown(run, reference) for reference in stage.references if reference.scale > 0)
    _check_fits(run.model, shown)
    return shown


def _shown(run: ImageRun, reference: Reference) -> Shown:
    adapter = run.addon(AddonKind.IP_ADAPTER, reference.model)
    pictures = [run.picture(image).convert("RGB") for image in reference.images]
    pixels = adapter.processor(pictures, return_tensors="pt").pixel_values
    pixels = pixels.to(run.model.device, run.model.dtype)
    encode = adapter.image_encoder
    if adapter.reads_hidden_states:
        # The negative of a picture is black here.
        both = [encode(given, output_hidden_states=True).hidden_states[-2] for given in (pixels, pixels * 0)]
    else:
        positive = encode(pixels).image_embeds
        both = [positive, torch.zeros_like(positive)]
    worn = Worn(
        name=reference.model,
        weights_hash=run.addon_hashes[f"{AddonKind.IP_ADAPTER}:{reference.model}"],
        scale=reference.scale,
        pictures=len(pictures),
    )
    return Shown(worn=worn, adapter=adapter, positive=both[0][None], negative=both[1][None])


def _check_fits(model: LoadedModel, shown: tuple[Shown, ...]) -> None:
    """Try them on: an IP-Adapter has keys of its own for every cross-attention, in that layer's shape."""
    try:
        model.wardrobe.outfit(model.unet, shown)
    except (RuntimeError, KeyError) as error:
        names = " and ".join(one.worn.name for one in shown)
        raise DoesNotFit(
            N_(
                "The IP-Adapter {names} was made for another kind of base model than {title}. Choose "
                "another IP-Adapter, or the model that it belongs to."
            ),
            names=names,
            title=model.spec.title,
        ) from error
