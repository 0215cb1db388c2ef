"""What base models need of this machine's memory: "what fits here".

Weights are counted from the files' heads and calls are traced on the meta device (`models.memory`), so that
the answer takes seconds, loads nothing, and holds for a card that is not there
(`python -m models fits --memory 8`).
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.architectures import sdxl
from models.facts import configs_of_file
from models.files.header import read_header
from models.parts import weight_files
from models.plans import Curve, Needs

if TYPE_CHECKING:
    import torch

    from models.catalogue import LocalModel

#: Share of a card's memory that the system, the driver and libraries' workspaces leave.
_USABLE = 0.85
_TOKENS = 77
#: Devices whose attention makes no matrix (`models.memory`).
_FUSED = ("cpu", "cuda")


@dataclass(frozen=True, kw_only=True)
class Machine:
    """What a model is drawn with."""

    #: For weights and calls together.
    budget: int
    #: Weights of 2 bytes a number instead of 4.
    half: bool
    #: Attention makes no matrix.
    fused: bool


def this_machine(device: torch.device, memory_gib: float | None = None) -> Machine:
    """The machine at hand, or one of its kind with so much memory.

    Of a computer's memory, which others need too, only the half counts; a reserve is left of all other.
    """
    import torch

    if memory_gib is not None:
        budget = int(memory_gib * 2**30 * _USABLE)
    elif device.type == "cuda":
        budget = int(torch.cuda.get_device_properties(device).total_memory * _USABLE)
    else:
        budget = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    return Machine(budget=budget, half=device.type == "cuda", fused=device.type in _FUSED)


def needs_of(model: LocalModel, machine: Machine) -> Needs:
    """What the model takes on such a machine.

    Raises:
        BadWeights, OSError, ValueError, KeyError, TypeError: its configs can't be read.
    """
    from models.memory import Attention

    calls = _Calls(model, machine)
    whole = Attention.FUSED if machine.fused else Attention.WHOLE
    sliced = Attention.FUSED if machine.fused else Attention.SLICED
    # About the native side's half, itself and its double; no two of them equal.
    spec = model.spec
    half = max(spec.min_side, spec.native_side // (2 * spec.side_multiple) * spec.side_multiple)
    sides = (half, 2 * half, 4 * half)

    def curve(peak: Callable[[int, Attention], int], attention: Attention) -> Curve:
        return Curve.through([(side * side, peak(side, attention)) for side in sides])

    denoising, decoding = curve(calls.denoising, whole), curve(calls.decoding, whole)
    return Needs(
        unet=calls.unet_bytes,
        vae=calls.vae_bytes,
        text=calls.text_bytes,
        denoising=denoising,
        decoding=decoding,
        sliced_denoising=denoising if machine.fused else curve(calls.denoising, sliced),
        sliced_decoding=decoding if machine.fused else curve(calls.decoding, sliced),
        tiled_decoding=calls.tiled_decoding(sliced),
    )


class _Calls:
    """A model without numbers, whose calls are traced."""

    def __init__(self, model: LocalModel, machine: Machine) -> None:
        import torch
        from diffusers import AutoencoderKL, UNet2DConditionModel
        from torch import nn

        unet_config, vae_config = _configs(model)
        self._dtype = torch.float16 if machine.half else torch.float32
        with torch.device("meta"):
            self._unet: Any = nn.Module.to(UNet2DConditionModel.from_config(unet_config), self._dtype).eval()
            vae: Any = AutoencoderKL.from_config(vae_config)
        # As the architectures' modules load it.
        upcast = model.spec.architecture in sdxl.ARCHITECTURES and vae.config.force_upcast
        self._vae: Any = nn.Module.to(vae, torch.float32 if upcast else self._dtype).eval()
        numbers = sum(weight.numel() for part in (self._unet, vae) for weight in part.parameters())
        self.unet_bytes, self.vae_bytes = _weights(self._unet), _weights(self._vae)
        self.text_bytes = max(0, _numbers(model.path) - numbers) * self._dtype.itemsize
        self._factor = 2 ** (len(vae.config.block_out_channels) - 1)

    def denoising(self, side: int, attention: Any) -> int:
        """One picture with guidance: a call for two rows."""
        import torch

        from models.memory import peak_bytes

        config, rows = self._unet.config, 2
        latents = self._latents(side, config.in_channels, rows)
        text = torch.empty(rows, _TOKENS, config.cross_attention_dim, device="meta", dtype=self._dtype)
        options: dict[str, Any] = {}
        if config.addition_embed_type == "text_time":
            # Only their sum counts here: SDXL has six time ids, its refiner five.
            times = 5
            pooled = config.projection_class_embeddings_input_dim - times * config.addition_time_embed_dim
            options["added_cond_kwargs"] = {
                "text_embeds": torch.empty(rows, pooled, device="meta", dtype=self._dtype),
                "time_ids": torch.empty(rows, times, device="meta", dtype=self._dtype),
            }
        times_now = torch.empty(rows, device="meta")
        return peak_bytes(
            lambda: self._unet(latents, times_now, text, return_dict=False, **options), attention
        )

    def decoding(self, side: int, attention: Any) -> int:
        from models.memory import peak_bytes

        latents = self._latents(side, self._vae.config.latent_channels, 1).to(self._vae.dtype)
        return peak_bytes(lambda: self._vae.decode(latents, return_dict=False), attention)

    def tiled_decoding(self, attention: Any) -> Curve:
        """A tile's peak, and all tiles with their overlaps beside the rows and the picture put together."""
        overlap = 1 - self._vae.tile_overlap_factor
        pictures = 1 / overlap**2 + 2
        tile = self.decoding(self._vae.tile_latent_min_size * self._factor, attention)
        return Curve(constant=tile, linear=pictures * 3 * self._vae.dtype.itemsize, square=0)

    def _latents(self, side: int, channels: int, rows: int) -> torch.Tensor:
        import torch

        latent = side // self._factor
        return torch.empty(rows, channels, latent, latent, device="meta", dtype=self._dtype)


def sides_to_try(side_multiple: int, native_side: int) -> Iterator[int]:
    """Sides of squares worth a line: from half of the native one to four times it."""
    step = max(side_multiple, native_side // 4 // side_multiple * side_multiple)
    yield from range(max(step, native_side // 2), 4 * native_side + 1, step)


def _weights(part: Any) -> int:
    return sum(weight.numel() * weight.element_size() for weight in part.parameters())


def _configs(model: LocalModel) -> tuple[dict[str, Any], dict[str, Any]]:
    if model.path.is_dir():
        unet, vae = (json.loads((model.path / part / "config.json").read_text()) for part in ("unet", "vae"))
        return unet, vae
    return configs_of_file(read_header(model.path), model.spec.architecture)


def _numbers(path: Path) -> int:
    headers = [read_header(file) for file in weight_files(path)]
    return sum(math.prod(tensor.shape) for header in headers for tensor in header.tensors.values())
