"""ControlNets on disk: diffusers folders, and single files in either spelling."""

from __future__ import annotations

import json
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from core.addon_spec import AddonKind
from models.files.families import family_of
from models.files.header import BadWeights, Header, read_header
from models.files.identify import identify

if TYPE_CHECKING:
    import torch
    from diffusers import ControlNetModel

#: Words in a ControlNet's name that tell which preprocessor it wants.
_WANTS = {
    "canny": "canny",
    "depth": "depth",
    "pose": "openpose",
    "scribble": "scribble",
    "softedge": "softedge",
    "hed": "softedge",
}

#: What CompVis' spelling leaves unsaid: Stable Diffusion 1 and 2 have the same four levels.
_ORIGINAL = {
    "block_out_channels": [320, 640, 1280, 1280],
    "down_block_types": ["CrossAttnDownBlock2D"] * 3 + ["DownBlock2D"],
    "layers_per_block": 2,
}


def facts(path: Path) -> dict[str, Any]:
    """What the files tell of a ControlNet: fields of its AddonSpec.

    Raises:
        ValueError, OSError, BadWeights: it is none.
    """
    if path.is_dir():
        config = json.loads((path / "config.json").read_text(encoding="utf-8"))
        if config.get("_class_name") != "ControlNetModel":
            raise ValueError("its config.json is not that of a ControlNet")
        architecture = family_of(config["cross_attention_dim"])
    else:
        identity = identify(read_header(path))
        if identity.kind is not AddonKind.CONTROLNET:
            raise ValueError(f"it is no ControlNet but of the kind {identity.kind_name}")
        architecture = identity.architecture
    name = path.name.lower()
    wants = next((wanted for word, wanted in _WANTS.items() if re.search(word, name)), None)
    return {"architecture": architecture, "preprocessor": wants}


def load_controlnet(path: Path, dtype: torch.dtype) -> ControlNetModel:
    """Load a ControlNet to the processor's memory. Only safetensors are read, never the network.

    Raises:
        BadWeights: a single file lacks tensors, or has a shape that is not known here.
        OSError: a folder lacks its weights.
    """
    from diffusers import ControlNetModel

    options: dict[str, Any] = {"torch_dtype": dtype, "local_files_only": True}
    if path.is_dir():
        return ControlNetModel.from_pretrained(path, use_safetensors=True, **options).eval()
    with TemporaryDirectory() as folder:
        config = {"_class_name": "ControlNetModel", **_config(read_header(path))}
        Path(folder, "config.json").write_text(json.dumps(config))
        try:
            return ControlNetModel.from_single_file(str(path), config=folder, **options).eval()
        except (KeyError, ValueError, RuntimeError) as error:
            raise BadWeights(f"A part of {path.name} is missing or misshapen: {error}") from error


def _config(header: Header) -> dict[str, Any]:
    """The config of a single file, by its family where the spelling is CompVis', else by its shapes."""
    if not header.has("controlnet_cond_embedding."):
        family = identify(header).architecture
        linear = {"use_linear_projection": True, "attention_head_dim": [5, 10, 20, 20]}
        shapes = {"sd1": {"cross_attention_dim": 768}, "sd2": {"cross_attention_dim": 1024, **linear}}
        if family not in shapes:
            raise BadWeights("It is a ControlNet for no base model that is known here.")
        return {**_ORIGINAL, **shapes[family]}
    return _config_by_shapes(header)


def _config_by_shapes(header: Header) -> dict[str, Any]:
    levels = _count(header, r"down_blocks\.(\d+)\.")
    channels = [header.shape(f"down_blocks.{level}.resnets.0.conv2.weight")[0] for level in range(levels)]
    depths = [
        _count(header, rf"down_blocks\.{level}\.attentions\.0\.transformer_blocks\.(\d+)\.")
        for level in range(levels)
    ]
    middle = _count(header, r"mid_block\.attentions\.0\.transformer_blocks\.(\d+)\.")
    linear = any(
        name.endswith("proj_in.weight") and len(tensor.shape) == 2 for name, tensor in header.tensors.items()
    )
    reads = (tensor.shape[1] for name, tensor in header.tensors.items() if name.endswith("attn2.to_k.weight"))
    inner = max(1, middle, depths[-1])
    seen = _count(header, r"controlnet_cond_embedding\.blocks\.(\d+)\.") // 2
    config: dict[str, Any] = {
        "block_out_channels": channels,
        "down_block_types": ["CrossAttnDownBlock2D" if depth else "DownBlock2D" for depth in depths],
        "mid_block_type": "UNetMidBlock2DCrossAttn" if middle else "UNetMidBlock2D",
        "transformer_layers_per_block": [*(max(1, depth) for depth in depths[:-1]), inner],
        "layers_per_block": _count(header, r"down_blocks\.0\.resnets\.(\d+)\."),
        "cross_attention_dim": next(reads, 1280),
        "use_linear_projection": linear,
        "attention_head_dim": [width // 64 for width in channels] if linear else 8,
        "conditioning_embedding_out_channels": [
            header.shape("controlnet_cond_embedding.conv_in.weight")[0],
            *(
                header.shape(f"controlnet_cond_embedding.blocks.{2 * number + 1}.weight")[0]
                for number in range(seen)
            ),
        ],
    }
    added = header.shape("add_embedding.linear_1.weight")
    if added:
        config |= {
            "addition_embed_type": "text_time",
            "addition_time_embed_dim": 256,
            "projection_class_embeddings_input_dim": added[1],
        }
    return config


def _count(header: Header, pattern: str) -> int:
    """One more than the largest number that the pattern finds at the start of a tensor's name."""
    found = (re.match(pattern, name) for name in header.tensors)
    return 1 + max((int(match[1]) for match in found if match), default=-1)
