"""A base model's parts as diffusers and transformers know them, from a diffusers folder or a single file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch
    from diffusers.models import AutoencoderKL, UNet2DConditionModel
    from transformers import CLIPTokenizer, PreTrainedModel

#: What a diffusers folder's weights are called by diffusers and transformers.
_WEIGHTS = {
    "unet": "diffusion_pytorch_model",
    "vae": "diffusion_pytorch_model",
    "text_encoder": "model",
    "text_encoder_2": "model",
}


@dataclass(frozen=True, kw_only=True)
class Parts:
    """On the CPU."""

    unet: UNet2DConditionModel
    vae: AutoencoderKL
    #: One, or SDXL's two in the order in which their hidden states are joined.
    text_encoders: tuple[PreTrainedModel, ...]
    tokenizers: tuple[CLIPTokenizer, ...]
    scheduler_config: Mapping[str, Any]
    #: Whether a missing negative prompt is read as zeros, as SDXL's base was trained.
    zero_empty_negative: bool = False


def load_parts(path: Path, dtype: torch.dtype) -> Parts:
    """Load the parts of a base model. Only safetensors are read, never a pickle or the network.

    Raises:
        BadWeights: a single file is no base model that is known here.
        OSError: a part is missing.
    """
    if path.is_dir():
        return _from_folder(path, dtype)
    from models.files.single import parts_of_file

    return parts_of_file(path, dtype)


def weight_files(path: Path) -> list[Path]:
    """The weights that `load_parts` reads: no variants beside them (`*.fp16.*`), no safety checker."""
    if path.is_file():
        return [path]
    wholes = [path / part / f"{name}.safetensors" for part, name in _WEIGHTS.items()]
    return [
        file
        for whole in wholes
        # What is large comes in several files.
        for file in (
            [whole] if whole.is_file() else sorted(whole.parent.glob(f"{whole.stem}-*-of-*.safetensors"))
        )
    ]


def _from_folder(folder: Path, dtype: torch.dtype) -> Parts:
    import transformers
    from diffusers.models import AutoencoderKL, UNet2DConditionModel
    from transformers import CLIPTokenizer

    options: dict[str, Any] = {"local_files_only": True, "use_safetensors": True}
    index = json.loads((folder / "model_index.json").read_text())
    encoders, tokenizers = [], []
    for suffix in ("", "_2"):
        # A refiner has its second encoder alone, and says [null, null] of the first.
        name = (index.get(f"text_encoder{suffix}") or [None, None])[1]
        if name is not None:
            encoder = getattr(transformers, name)
            encoders.append(encoder.from_pretrained(folder / f"text_encoder{suffix}", dtype=dtype, **options))
            tokenizers.append(
                CLIPTokenizer.from_pretrained(folder / f"tokenizer{suffix}", local_files_only=True)
            )
    return Parts(
        unet=UNet2DConditionModel.from_pretrained(folder / "unet", torch_dtype=dtype, **options),
        vae=AutoencoderKL.from_pretrained(folder / "vae", torch_dtype=dtype, **options),
        text_encoders=tuple(encoders),
        tokenizers=tuple(tokenizers),
        scheduler_config=json.loads((folder / "scheduler" / "scheduler_config.json").read_text()),
        zero_empty_negative=bool(index.get("force_zeros_for_empty_prompt", False)),
    )
