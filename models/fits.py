"""Which sizes a model can draw on this machine, and how: "what fits here".

Weights are counted from the files' heads and calls are traced on the meta device (`models.memory`), so that
the answer takes seconds, loads nothing, and holds for a card that is not there (`--memory 8`).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any

import torch

from models.facts import configs_of_file
from models.files.header import read_header
from models.files.identify import identify
from models.memory import peak_bytes

#: Share of the memory that the system, the driver and libraries' workspaces leave.
_USABLE = 0.85
_TOKENS = 77


class Way(StrEnum):
    """How a size is drawn, the fastest way first."""

    PLAIN = "yes"
    #: The autoencoder works tile by tile.
    TILED = "with a tiled VAE"
    #: Only the part that works lies on the card; the tiled VAE as well.
    OFFLOADED = "with offload, slower"


@dataclass(frozen=True, kw_only=True)
class Footprint:
    """What a base model takes, in bytes."""

    unet: torch.nn.Module
    vae: torch.nn.Module
    #: Weights of the text encoders.
    text_bytes: int
    #: 2 (fp16) or 4.
    bytes_per_number: int

    def way(self, width: int, height: int, memory_bytes: int) -> Way | None:
        """The first way in which a picture of so many pixels fits; None where none does."""
        usable = memory_bytes * _USABLE
        weights = self.unet_bytes + self.vae_bytes + self.text_bytes
        denoising, decoding = self.denoising_peak(width, height), self.decoding_peak(width, height)
        tiled = self.tiled_peak(width, height)
        if weights + max(denoising, decoding) <= usable:
            return Way.PLAIN
        if weights + max(denoising, tiled) <= usable:
            return Way.TILED
        if max(self.unet_bytes + denoising, self.vae_bytes + tiled, self.text_bytes) <= usable:
            return Way.OFFLOADED
        return None

    @cached_property
    def unet_bytes(self) -> int:
        return self._weights(self.unet)

    @cached_property
    def vae_bytes(self) -> int:
        return self._weights(self.vae)

    def denoising_peak(self, width: int, height: int) -> int:
        """One picture with guidance: a call for two rows."""
        unet: Any = self.unet
        rows = 2
        text = self._empty(rows, _TOKENS, unet.config.cross_attention_dim)
        latents = self._empty(rows, unet.config.in_channels, height // self._factor, width // self._factor)
        options: dict[str, Any] = {}
        if unet.config.addition_embed_type == "text_time":
            # Only their sum counts here: SDXL has six time ids, its refiner five.
            times = 5
            pooled = (
                unet.config.projection_class_embeddings_input_dim
                - times * unet.config.addition_time_embed_dim
            )
            options["added_cond_kwargs"] = {
                "text_embeds": self._empty(rows, pooled),
                "time_ids": self._empty(rows, times),
            }
        return peak_bytes(lambda: unet(latents, self._empty(rows), text, return_dict=False, **options))

    def decoding_peak(self, width: int, height: int) -> int:
        vae: Any = self.vae
        latents = self._empty(1, vae.config.latent_channels, height // self._factor, width // self._factor)
        return peak_bytes(lambda: vae.decode(latents, return_dict=False))

    def tiled_peak(self, width: int, height: int) -> int:
        """Tiles are as large as the pictures that the autoencoder was trained on; results add up."""
        side = int(getattr(self.vae, "tile_sample_min_size", 512))
        tile = self.decoding_peak(min(side, width), min(side, height))
        return tile + 2 * 3 * width * height * self.bytes_per_number

    @property
    def _factor(self) -> int:
        vae: Any = self.vae
        return int(2 ** (len(vae.config.block_out_channels) - 1))

    def _weights(self, part: torch.nn.Module) -> int:
        return sum(weight.numel() for weight in part.parameters()) * self.bytes_per_number

    def _empty(self, *shape: int) -> torch.Tensor:
        dtype = torch.float16 if self.bytes_per_number == 2 else torch.float32
        return torch.empty(shape, device="meta", dtype=dtype)


def footprint(path: Path, *, half: bool) -> Footprint:
    """What the base model at `path` (a diffusers folder or a single file) takes in fp16 (`half`) or fp32.

    Raises:
        BadWeights, OSError, ValueError: it is no base model, or can't be read.
    """
    from diffusers import AutoencoderKL, UNet2DConditionModel

    unet_config, vae_config = _configs(path)
    dtype, numbers = (torch.float16, 2) if half else (torch.float32, 4)
    with torch.device("meta"):
        unet = UNet2DConditionModel.from_config(unet_config).to(dtype).eval()
        vae = AutoencoderKL.from_config(vae_config).to(dtype).eval()
    known = sum(weight.numel() for part in (unet, vae) for weight in part.parameters())
    text = max(0, _numbers(path) - known) * numbers
    return Footprint(unet=unet, vae=vae, text_bytes=text, bytes_per_number=numbers)


def sides_to_try(side_multiple: int, native_side: int) -> Iterator[int]:
    """Sides of squares worth a line: from half of the native one to four times it."""
    step = max(side_multiple, native_side // 4 // side_multiple * side_multiple)
    yield from range(max(step, native_side // 2), 4 * native_side + 1, step)


def _configs(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    if path.is_dir():
        unet, vae = (json.loads((path / part / "config.json").read_text()) for part in ("unet", "vae"))
        return unet, vae
    header = read_header(path)
    return configs_of_file(header, identify(header).architecture or "sd1")


def _numbers(path: Path) -> int:
    files = [path] if path.is_file() else sorted(path.glob("*/*.safetensors"))
    headers = [read_header(file) for file in files]
    return sum(math.prod(tensor.shape) for header in headers for tensor in header.tensors.values())
