"""Single-file models: one .safetensors in the original spelling, loaded without a hub or a guess by name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from models.files import configs
from models.files.header import BadWeights, Header, read_header
from models.files.identify import identify
from models.parts import Parts

if TYPE_CHECKING:
    import torch
    from transformers import CLIPTokenizer, PreTrainedModel

_CLIP_L = "cond_stage_model.transformer.text_model."
_OPEN_CLIP_H = "cond_stage_model.model."
_XL_CLIP_L = "conditioner.embedders.0.transformer.text_model."
_XL_OPEN_CLIP = "conditioner.embedders.1.model."
_REFINER_OPEN_CLIP = "conditioner.embedders.0.model."


@dataclass(frozen=True, kw_only=True)
class Family:
    """What shapes can't tell of a family of base models."""

    #: Side in pixels of the square that it was trained on.
    native_side: int
    #: `AutoencoderKL.config.scaling_factor`.
    scaling_factor: float
    prediction_type: str = "epsilon"


FAMILIES: Mapping[str, Family] = {
    "sd1": Family(native_side=512, scaling_factor=0.18215),
    "sd2": Family(native_side=768, scaling_factor=0.18215, prediction_type="v_prediction"),
    "sdxl": Family(native_side=1024, scaling_factor=0.13025),
    "sdxl-refiner": Family(native_side=1024, scaling_factor=0.13025),
    "ssd-1b": Family(native_side=1024, scaling_factor=0.13025),
    "vega": Family(native_side=1024, scaling_factor=0.13025),
}


def parts_of_file(path: Path, dtype: torch.dtype) -> Parts:
    """Load a base model from one file.

    Raises:
        BadWeights: it is no base model, or a part of it is missing.
    """
    from diffusers import AutoencoderKL, UNet2DConditionModel
    from safetensors.torch import load_file

    header = read_header(path)
    identity = identify(header)
    family = FAMILIES.get(identity.architecture or "")
    if identity.kind is not None or family is None:
        raise BadWeights(f"{path.name} is no base model that is known here.")
    state = load_file(path)
    with TemporaryDirectory() as folder:
        _write_configs(header, family, Path(folder))
        options: dict[str, Any] = {"config": folder, "local_files_only": True, "torch_dtype": dtype}
        try:
            unet = UNet2DConditionModel.from_single_file(dict(state), subfolder="unet", **options)
            vae = AutoencoderKL.from_single_file(dict(state), subfolder="vae", **options)
            encoders = _text_encoders(header, state, Path(folder), dtype)
        except (KeyError, ValueError) as error:
            raise BadWeights(f"A part of {path.name} is missing or misshapen: {error}") from error
    return Parts(
        unet=unet,
        vae=vae,
        text_encoders=encoders,
        tokenizers=_tokenizers(header),
        scheduler_config=_scheduler_config(header, state, family),
        zero_empty_negative=header.has(_XL_CLIP_L),
    )


def _write_configs(header: Header, family: Family, folder: Path) -> None:
    factor = 8
    parts = {
        "unet": configs.unet_config(header, family.native_side // factor),
        "vae": configs.vae_config(header, family.native_side, family.scaling_factor),
        **_text_configs(header),
    }
    for name, config in parts.items():
        (folder / name).mkdir()
        (folder / name / "config.json").write_text(json.dumps(config))


def _text_configs(header: Header) -> dict[str, configs.Config]:
    """The text encoders that the file brings, by the folder that diffusers gives them."""
    if header.has(_CLIP_L):
        return {"text_encoder": configs.clip_config(header, _CLIP_L, projected=False)}
    if header.has(_OPEN_CLIP_H):
        config = configs.open_clip_config(header, _OPEN_CLIP_H, layers_left_out=1, projected=False)
        return {"text_encoder": config}
    if header.has(_XL_CLIP_L) and header.has(_XL_OPEN_CLIP):
        second = configs.open_clip_config(header, _XL_OPEN_CLIP, layers_left_out=0, projected=True)
        return {
            "text_encoder": configs.clip_config(header, _XL_CLIP_L, projected=False),
            "text_encoder_2": second,
        }
    if header.has(_REFINER_OPEN_CLIP):
        config = configs.open_clip_config(header, _REFINER_OPEN_CLIP, layers_left_out=0, projected=True)
        return {"text_encoder_2": config}
    raise BadWeights("it brings no text encoder; only whole models are loaded as base models.")


def _text_encoders(
    header: Header, state: Mapping[str, torch.Tensor], folder: Path, dtype: torch.dtype
) -> tuple[PreTrainedModel, ...]:
    import transformers
    from diffusers.loaders.single_file_utils import create_diffusers_clip_model_from_ldm

    found = []
    for name, config in _text_configs(header).items():
        model = create_diffusers_clip_model_from_ldm(
            getattr(transformers, config["architectures"][0]),
            _known_layers(state, config["num_hidden_layers"]),
            subfolder=name,
            config=str(folder),
            torch_dtype=dtype,
            local_files_only=True,
        )
        found.append(model)
    return tuple(found)


def _known_layers(state: Mapping[str, torch.Tensor], layers: int) -> dict[str, torch.Tensor]:
    """Without the last layer of Stable Diffusion 2's text encoder, which it was trained not to use."""
    left_out = f"{_OPEN_CLIP_H}transformer.resblocks.{layers}."
    return {name: tensor for name, tensor in state.items() if not name.startswith(left_out)}


def _tokenizers(header: Header) -> tuple[CLIPTokenizer, ...]:
    """CLIP's pads with its end mark, OpenCLIP's with "!" (token 0)."""
    from models.files.clip import clip_tokenizer

    if header.has(_CLIP_L):
        return (clip_tokenizer(),)
    if header.has(_XL_CLIP_L):
        return clip_tokenizer(), clip_tokenizer(pad="!")
    return (clip_tokenizer(pad="!"),)


def _scheduler_config(header: Header, state: Mapping[str, torch.Tensor], family: Family) -> Mapping[str, Any]:
    """How it was trained: Stable Diffusion's betas, and what its UNet predicts."""
    return {
        "num_train_timesteps": 1000,
        "beta_start": 0.00085,
        "beta_end": 0.012,
        "beta_schedule": "scaled_linear",
        "prediction_type": _prediction_type(header, state, family),
        # Fine-tunes with zero terminal SNR (Lin et al. 2024) say so by an empty tensor of this name.
        "rescale_betas_zero_snr": "ztsnr" in header.tensors,
        "steps_offset": 1,
        "set_alpha_to_one": False,
        "clip_sample": False,
        "timestep_spacing": "leading",
    }


def _prediction_type(header: Header, state: Mapping[str, torch.Tensor], family: Family) -> str:
    """Shapes don't tell what is predicted: fine-tunes leave a mark, 2.1's two versions differ in a bias.

    The bias' spread parts Stable Diffusion 2.1 (v) from 2.1-base (epsilon): ComfyUI's rule, which has held.
    """
    if "v_pred" in header.tensors:
        return "v_prediction"
    telling = state.get(f"{configs.UNET}output_blocks.11.1.transformer_blocks.0.norm1.bias")
    if family.prediction_type == "v_prediction" and telling is not None:
        return "v_prediction" if float(telling.float().std()) > 0.09 else "epsilon"
    return family.prediction_type
