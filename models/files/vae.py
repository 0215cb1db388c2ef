"""Autoencoders that lie in a `vae/` folder, to be used instead of a model's own.

A folder's config says how latents are scaled. A single file does not, and goes by the model that it is used
with: its UNet was trained on latents of one scale.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from core.addon_spec import AddonKind
from models.files.configs import VAE, vae_config
from models.files.header import BadWeights, Header, read_header
from models.files.identify import identify

if TYPE_CHECKING:
    import torch
    from diffusers.models import AutoencoderKL

_CLASS = "AutoencoderKL"
#: Of no consequence for pictures of other sizes.
_NATIVE_SIDE = 512
#: `scaling_factor` of an autoencoder from a single file.
UNTOLD_SCALE = 1.0


def facts(path: Path) -> dict[str, Any]:
    """What the files tell of an autoencoder: fields of its AddonSpec.

    Raises:
        ValueError, OSError, BadWeights: it is none that is known here.
    """
    if path.is_dir():
        config = json.loads((path / "config.json").read_text(encoding="utf-8"))
        if config.get("_class_name") != _CLASS:
            raise ValueError(f"its config.json is not that of an {_CLASS}")
        return {}
    # Latents of one family mean nothing to another, and their shapes are the same; names usually tell.
    identity = identify(read_header(path))
    if identity.kind is not AddonKind.VAE:
        raise ValueError(f"it is no VAE but of the kind {identity.kind_name}")
    return {"architecture": "sdxl" if "xl" in path.stem.lower() else None}


def load_vae(path: Path, dtype: torch.dtype) -> AutoencoderKL:
    """Load an autoencoder to the processor's memory; of a single file the scale is UNTOLD_SCALE.

    Only safetensors are read, never the network.

    Raises:
        BadWeights: a single file lacks tensors, or has a shape that is not known here.
        OSError: a folder lacks its weights.
    """
    import torch
    from diffusers.models import AutoencoderKL

    if path.is_dir():
        vae = AutoencoderKL.from_pretrained(
            path, torch_dtype=dtype, local_files_only=True, use_safetensors=True
        )
    else:
        vae = _from_file(path, dtype)
    # Some overflow in fp16 and say so.
    return (vae.to(torch.float32) if vae.config.force_upcast else vae).eval()


def _from_file(path: Path, dtype: torch.dtype) -> AutoencoderKL:
    from diffusers.models import AutoencoderKL
    from safetensors.torch import load_file

    header = read_header(path)
    state = load_file(path)
    try:
        if header.has("encoder.down_blocks."):
            vae = AutoencoderKL.from_config(_diffusers_config(header))
            vae.load_state_dict(state)
            return vae.to(dtype)
        with TemporaryDirectory() as folder:
            prefix = VAE if header.has(VAE) else ""
            config = {**vae_config(header, _NATIVE_SIDE, UNTOLD_SCALE, prefix), "force_upcast": False}
            Path(folder, "config.json").write_text(json.dumps(config))
            return AutoencoderKL.from_single_file(
                state, config=folder, local_files_only=True, torch_dtype=dtype
            )
    except (KeyError, ValueError, RuntimeError, IndexError) as error:
        raise BadWeights(f"A part of {path.name} is missing or misshapen: {error}") from error


def _diffusers_config(header: Header) -> dict[str, Any]:
    def levels(pattern: str) -> int:
        found = (re.match(pattern, name) for name in header.tensors)
        return 1 + max((int(match[1]) for match in found if match), default=-1)

    depth = levels(r"encoder\.down_blocks\.(\d+)\.")
    return {
        "latent_channels": header.shape("decoder.conv_in.weight")[1],
        "block_out_channels": [
            header.shape(f"encoder.down_blocks.{level}.resnets.0.conv2.weight")[0] for level in range(depth)
        ],
        "layers_per_block": levels(r"encoder\.down_blocks\.0\.resnets\.(\d+)\."),
        "down_block_types": ["DownEncoderBlock2D"] * depth,
        "up_block_types": ["UpDecoderBlock2D"] * depth,
        "scaling_factor": UNTOLD_SCALE,
        "force_upcast": False,
    }
