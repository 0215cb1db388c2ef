"""What a row needs of its ControlNets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from PIL import Image

from core.addon_spec import AddonKind
from core.guides import ControlUnit
from core.stages import Denoise
from core.words import N_
from models.engine.api import DoesNotFit
from models.engine.framing import fit
from models.engine.images import ImageRun
from models.engine.model import LoadedModel

if TYPE_CHECKING:
    from diffusers import ControlNetModel

#: What a ControlNet and its base model must have in common.
_SHARED = ("cross_attention_dim", "block_out_channels", "layers_per_block", "addition_embed_type")


@dataclass(frozen=True, kw_only=True, eq=False)
class Control:
    """One ControlNet of a row."""

    unit: ControlUnit
    net: ControlNetModel
    #: The map, (1, 3, height, width) in 0..1, in pixels.
    condition: torch.Tensor

    def guides(self, call: int, calls: int) -> bool:
        """Whether it takes part in a call (from 0), of so many: as the stock pipelines reckon."""
        unit = self.unit
        return unit.scale > 0 and call / calls >= unit.start and (call + 1) / calls <= unit.end


def controls_of(run: ImageRun, stage: Denoise) -> tuple[Control, ...]:
    """Load the stage's ControlNets and draw their maps, which the image keeps.

    Raises:
        UnknownModel: a ControlNet or preprocessor is not on this machine.
        DoesNotFit: a ControlNet was made for another kind of base model.
    """
    return tuple(_control(run, stage, unit) for unit in stage.controls)


def _control(run: ImageRun, stage: Denoise, unit: ControlUnit) -> Control:
    net = run.addon(AddonKind.CONTROLNET, unit.model)
    _check_fits(run.model, net, unit.model)
    drawn = _map(run, unit, stage.width, stage.height)
    values = torch.from_numpy(np.array(drawn, np.float32) / 255).permute(2, 0, 1)[None]
    return Control(unit=unit, net=net, condition=values.to(run.model.device, run.model.dtype))


def _map(run: ImageRun, unit: ControlUnit, width: int, height: int) -> Image.Image:
    """The map in the stage's size, RGB; what is drawn here is shown to the member."""
    picture = fit(run.picture(unit.image).convert("RGB"), width, height)
    if unit.preprocessor is None:
        return picture
    # Asked for even where the map is there: its hash belongs in each image's recipe.
    draw = run.addon(AddonKind.PREPROCESSOR, unit.preprocessor)
    key = (unit.image, unit.preprocessor, unit.thresholds, picture.size)
    return run.draw_once(key, unit.preprocessor, lambda: draw(picture, unit))


def _check_fits(model: LoadedModel, net: ControlNetModel, name: str) -> None:
    same = all(_plain(net.config[key]) == _plain(model.unet.config[key]) for key in _SHARED)
    factor = 2 ** (len(net.config.conditioning_embedding_out_channels) - 1)
    if not same or net.config.in_channels != model.latent_channels or factor != model.vae_factor:
        raise DoesNotFit(
            N_(
                "The ControlNet {name} was made for another kind of base model than {title}. Choose another "
                "ControlNet, or the model that it belongs to."
            ),
            name=name,
            title=model.spec.title,
        )


def _plain(value: object) -> object:
    return list(value) if isinstance(value, list | tuple) else value
