"""A model in memory, as the engine's stages use it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import torch
from diffusers.models import AutoencoderKL, UNet2DConditionModel

from core.model_spec import ModelSpec
from core.prompt.spoken import Spoken
from core.stages import Denoise
from models.adapters.laid import Laid, Overlay
from models.adapters.names import TEXT, TEXT_2, UNET
from models.engine.inversion import Inversion
from models.engine.placement import Placement
from models.engine.prompts import Prompts, TextEmbeddings
from models.engine.samplers import Schedulers
from models.engine.sparing import sliced_attention
from models.plans import MemoryPlan, Way
from models.references.outfits import Wardrobe
from models.safety import Screen

#: An image's words to what the UNet reads; the negative prompt only where any stage is guided. The textual
#: inversions are those that the words name, the adapters those of the request.
EncodePrompts = Callable[[Spoken, bool, Sequence[Inversion], Sequence[Laid]], Prompts]
#: What the UNet is told besides the text (`added_cond_kwargs`), each value (1, ...): of the text, the stage
#: that it runs and whether it is the negative half.
AddedConditions = Callable[[TextEmbeddings, Denoise, bool], dict[str, torch.Tensor]]


def no_conditions(_text: TextEmbeddings, _stage: Denoise, _negative: bool) -> dict[str, torch.Tensor]:
    """For architectures whose UNet reads the text alone."""
    return {}


@dataclass(frozen=True, kw_only=True, eq=False)
class LoadedModel:
    """Weights on a device and what belongs to them. Only the engine's thread touches it."""

    spec: ModelSpec
    device: torch.device
    dtype: torch.dtype
    unet: UNet2DConditionModel
    vae: AutoencoderKL
    encode_prompts: EncodePrompts
    text_encoders: tuple[torch.nn.Module, ...]
    #: Of the folder's own `scheduler_config.json`.
    schedulers: Schedulers
    screen: Screen
    placement: Placement
    #: How it is drawn with on this machine; None: as if memory had no end.
    plan: MemoryPlan | None = None
    added_conditions: AddedConditions = no_conditions
    #: What the UNet's attention processors wear.
    wardrobe: Wardrobe = field(default_factory=Wardrobe)
    #: What is laid over the UNet's layers.
    overlay: Overlay = field(default_factory=Overlay)

    def way(self, pixels: int) -> Way:
        """How a picture of so many pixels is drawn; what no way fits is tried in the most sparing one."""
        return Way.PLAIN if self.plan is None else self.plan.way(pixels) or Way.OFFLOADED

    def is_tiled(self, pixels: int) -> bool:
        """Whether the autoencoder works tile by tile on a picture of so many pixels."""
        return self.way(pixels) in (Way.TILED, Way.OFFLOADED)

    @contextmanager
    def drawing(self, pixels: int) -> Iterator[None]:
        """What is computed meanwhile keeps to the way of pictures of so many pixels."""
        way = self.way(pixels)
        self.placement.alone = way is Way.OFFLOADED
        slices = self.plan is not None and self.plan.needs.slicing_saves and way is not Way.PLAIN
        with sliced_attention(slices):
            yield

    @property
    def networks(self) -> dict[str, torch.nn.Module]:
        """What adapters may change, by the names of their parts."""
        return {UNET: self.unet, **dict(zip((TEXT, TEXT_2), self.text_encoders, strict=False))}

    @property
    def vae_factor(self) -> int:
        """Pixels along one side of a latent."""
        return 2 ** (len(self.vae.config.block_out_channels) - 1)

    @property
    def latent_channels(self) -> int:
        return self.vae.config.latent_channels

    @property
    def scaling_factor(self) -> float:
        """What encoded pictures are multiplied by to become the UNet's latents."""
        return self.vae.config.scaling_factor

    @property
    def embeds_guidance(self) -> bool:
        """Whether the UNet is told the guidance scale instead of being called twice (Luo et al. 2023)."""
        # A latent upscaler's UNet is told of other things there.
        return self.unet.config.time_cond_proj_dim is not None and not self.spec.is_upscaler

    @property
    def bytes(self) -> int:
        """Memory that the weights take."""
        parts = (self.unet, self.vae, *self.text_encoders)
        return sum(weight.nbytes for part in parts for weight in part.parameters())
