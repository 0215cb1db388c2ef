"""What a base model tells of itself, without its weights being loaded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from models.architectures import module_of_pipeline
from models.files import configs
from models.files.families import family_of
from models.files.header import BadWeights, Header, read_header
from models.files.identify import identify
from models.files.single import FAMILIES
from models.parts import weight_files

Facts = dict[str, Any]


def facts_of_folder(path: Path) -> Facts:
    """Fields of the ModelSpec that a folder tells.

    Raises:
        BadWeights, OSError, ValueError, KeyError, TypeError: it is no base model, or can't be trusted.
    """
    pipeline = read_object(path / "model_index.json").get("_class_name", "")
    module = module_of_pipeline(pipeline)
    if module is None:
        raise ValueError("its architecture is not known here")
    for file in weight_files(path):
        read_header(file)
    unet, vae = read_object(path / "unet" / "config.json"), read_object(path / "vae" / "config.json")
    return {"architecture": _architecture(unet, module.ARCHITECTURES), **_sizes(unet, vae)}


def facts_of_file(path: Path) -> Facts:
    """The same of a single file. Raises BadWeights, OSError."""
    header = read_header(path)
    identity = identify(header)
    if identity.kind is not None or identity.architecture not in FAMILIES:
        raise BadWeights("it is no base model that is known here")
    unet, vae = configs_of_file(header, identity.architecture)
    return {"architecture": identity.architecture, **_sizes(unet, vae)}


def configs_of_file(header: Header, architecture: str) -> tuple[configs.Config, configs.Config]:
    """Configs of a single file's UNet and VAE."""
    family = FAMILIES[architecture]
    vae = configs.vae_config(header, family.native_side, family.scaling_factor)
    return configs.unet_config(header, family.native_side // 8), vae


def _architecture(unet: Facts, known: frozenset[str]) -> str:
    """By the width of the text that the UNet reads, and how deep its innermost transformer is."""
    if len(known) == 1:
        return next(iter(known))
    depth = unet.get("transformer_layers_per_block", 1)
    while isinstance(depth, list):
        depth = depth[-1]
    told = family_of(unet["cross_attention_dim"], depth)
    if told in known:
        return told
    # Sizes of its own: a model that somebody made small.
    return "sd1" if "sd1" in known else "sdxl"


def _sizes(unet: Facts, vae: Facts) -> Facts:
    vae_factor = 2 ** (len(vae["block_out_channels"]) - 1)
    native_side = int(unet["sample_size"]) * vae_factor
    # Each level of the UNet but the last halves the latents.
    side_multiple = max(8, vae_factor * 2 ** (len(unet["block_out_channels"]) - 1))
    # A latent upscaler's blocks mirror the latents at their edges, which one alone has no neighbour for.
    least = 2 * side_multiple if "KUpBlock2D" in unet["up_block_types"] else side_multiple
    return {
        "native_side": native_side,
        "side_multiple": side_multiple,
        "min_side": max(least, native_side // 4 // side_multiple * side_multiple),
        "max_side": max(least, native_side * 2 // side_multiple * side_multiple),
    }


def read_object(path: Path) -> Facts:
    """The JSON object in a file. Raises ValueError where it holds anything else, OSError."""
    data = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(data, dict):
        raise ValueError(f"{path.name} holds no object")
    return data
