"""Every kind of file, told by its tensors' names and shapes."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

import pytest
import torch
from diffusers import AutoencoderKL, ControlNetModel
from safetensors.torch import save_file

from core.addon_spec import AddonKind
from models.files.families import family_of
from models.files.header import BadWeights, Header, Tensor, read_header
from models.files.identify import Identity, identify

_TO_K = "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k"


def header_of(**shapes: tuple[int, ...]) -> Header:
    tensors = {name: Tensor(dtype="F16", shape=shape) for name, shape in shapes.items()}
    return Header(tensors=MappingProxyType(tensors))


@pytest.mark.parametrize(
    ("shapes", "expected"),
    [
        ({f"{_TO_K}.lora_down.weight": (8, 768)}, Identity(kind=AddonKind.LORA, architecture="sd1")),
        ({f"{_TO_K}.lora_down.weight": (8, 1024)}, Identity(kind=AddonKind.LORA, architecture="sd2")),
        ({f"{_TO_K}.lora_down.weight": (8, 2048)}, Identity(kind=AddonKind.LORA, architecture="sdxl")),
        (
            {"unet.down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k.lora_A.weight": (4, 768)},
            Identity(kind=AddonKind.LORA, architecture="sd1"),
        ),
        (
            {f"{_TO_K}.hada_w1_a": (8, 8), f"{_TO_K}.hada_w2_b": (8, 768)},
            Identity(kind=AddonKind.LYCORIS, architecture="sd1"),
        ),
        (
            {f"{_TO_K}.lora_down.weight": (8, 2048), f"{_TO_K}.dora_scale": (1, 2048)},
            Identity(kind=AddonKind.LYCORIS, architecture="sdxl"),
        ),
        ({"emb_params": (4, 768)}, Identity(kind=AddonKind.EMBEDDING, architecture="sd1")),
        ({"<lime>": (1024,)}, Identity(kind=AddonKind.EMBEDDING, architecture="sd2")),
        ({"clip_l": (2, 768), "clip_g": (2, 1280)}, Identity(kind=AddonKind.EMBEDDING, architecture="sdxl")),
        (
            {"ip_adapter.1.to_k_ip.weight": (320, 768)},
            Identity(kind=AddonKind.IP_ADAPTER, architecture="sd1"),
        ),
        ({"conv_first.weight": (64, 3, 3, 3)}, Identity(kind=AddonKind.UPSCALER)),
        ({"model.0.weight": (64, 3, 3, 3)}, Identity(kind=AddonKind.UPSCALER)),
        ({"idx_pred_layer.1.weight": (1024, 512)}, Identity(kind=AddonKind.FACE_RESTORER)),
    ],
)
def test_a_file_is_told_by_names_and_shapes(shapes: dict[str, tuple[int, ...]], expected: Identity) -> None:
    assert identify(header_of(**shapes)) == expected


def test_parts_that_diffusers_saved_are_known(tmp_path: Path) -> None:
    parts = {
        AddonKind.CONTROLNET: ControlNetModel(
            block_out_channels=(32, 64),
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
            layers_per_block=1,
            cross_attention_dim=768,
            norm_num_groups=8,
            conditioning_embedding_out_channels=(8, 8, 8, 8),
        ),
        AddonKind.VAE: AutoencoderKL(block_out_channels=(32,), layers_per_block=1),
    }
    for kind, part in parts.items():
        path = tmp_path / f"{kind}.safetensors"
        save_file(part.state_dict(), path)
        assert identify(read_header(path)).kind is kind


@pytest.mark.parametrize(
    ("width", "depth", "family"),
    [(768, 1, "sd1"), (1024, 1, "sd2"), (1280, 4, "sdxl-refiner"), (2048, 10, "sdxl"), (2048, 4, "ssd-1b"),
     (2048, 2, "vega"), (2048, 3, "sdxl"), (64, 2, None), (None, 0, None)],
)  # fmt: skip
def test_families_by_width_and_depth(width: int | None, depth: int, family: str | None) -> None:
    assert family_of(width, depth) == family


@pytest.mark.parametrize("shapes", [{}, {"something.else": (3, 4)}, {"a": (1,), "b": (1,)}])
def test_what_is_nothing_of_ours_is_refused(shapes: dict[str, tuple[int, ...]]) -> None:
    with pytest.raises(BadWeights, match="known here"):
        identify(header_of(**shapes))


def test_a_lora_of_torch_tensors_is_read_from_a_file(tmp_path: Path) -> None:
    save_file({f"{_TO_K}.lora_up.weight": torch.zeros(320, 4)}, tmp_path / "a.safetensors")

    assert identify(read_header(tmp_path / "a.safetensors")).kind is AddonKind.LORA
