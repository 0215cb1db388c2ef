"""Tiny autoencoders that lie in a `preview-vae/` folder: TAESD (Bohan 2023, github.com/madebyollin/taesd).

They show unfinished pictures in a few milliseconds. Their latents are as the UNet has them, scaled.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.addon_spec import AddonKind, AddonSpec
from models.architectures import sdxl
from models.files.header import BadWeights, read_header
from models.files.identify import identify

if TYPE_CHECKING:
    import torch
    from diffusers.models import AutoencoderTiny

_CLASS = "AutoencoderTiny"


def facts(path: Path) -> dict[str, Any]:
    """What the files tell of a preview's autoencoder: fields of its AddonSpec.

    Raises:
        ValueError, OSError, BadWeights: it is none that is known here.
    """
    if path.is_dir():
        if json.loads((path / "config.json").read_text(encoding="utf-8")).get("_class_name") != _CLASS:
            raise ValueError(f"its config.json is not that of an {_CLASS}")
    elif (identity := identify(read_header(path))).kind is not AddonKind.PREVIEW_VAE:
        raise ValueError(f"it is no preview VAE but of the kind {identity.kind_name}")
    # The two families' latents are of one shape; names tell.
    return {"architecture": "sdxl" if "xl" in path.stem.lower() else "sd1"}


def shows(spec: AddonSpec, architecture: str) -> bool:
    """Whether it shows the latents of base models of this architecture; a family shares its latents."""
    family = "sdxl" if architecture in sdxl.ARCHITECTURES else "sd1"
    return spec.architecture in (None, family, architecture)


def load_preview_vae(path: Path, dtype: torch.dtype) -> AutoencoderTiny:
    """Load one to the processor's memory; only safetensors are read, never the network.

    Raises:
        BadWeights: a single file lacks tensors, or has other ones.
        OSError: a folder lacks its weights.
    """
    from diffusers.models import AutoencoderTiny
    from safetensors.torch import load_file

    if path.is_dir():
        return AutoencoderTiny.from_pretrained(
            path, torch_dtype=dtype, local_files_only=True, use_safetensors=True
        ).eval()
    vae = AutoencoderTiny(latent_channels=read_header(path).shape("decoder.layers.0.weight")[1])
    try:
        vae.load_state_dict(load_file(path))
    except (RuntimeError, ValueError) as error:
        raise BadWeights(f"A part of {path.name} is missing or misshapen: {error}") from error
    return vae.to(dtype).eval()
