"""Single files of every family, told by their tensors alone, give back the weights they were written from."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from models.files.header import BadWeights, read_header
from models.files.identify import identify
from models.files.single import FAMILIES
from models.parts import load_parts
from tests.files.families import build


@pytest.mark.parametrize("family", FAMILIES)
def test_a_file_of_each_family_loads_as_what_it_was_written_from(tmp_path: Path, family: str) -> None:
    path = tmp_path / "no-hint-in-the-name.safetensors"
    written = build(family, path)

    identity = identify(read_header(path))
    parts = load_parts(path, torch.float32)

    assert (identity.kind, identity.architecture, identity.in_channels) == (None, family, 4)
    assert_same(parts.unet, written["unet"])
    assert_same(parts.vae, written["vae"])
    encoders = [written[name] for name in ("text_encoder", "text_encoder_2") if name in written]
    for found, original in zip(parts.text_encoders, encoders, strict=True):
        assert_same(found, original)
    assert len(parts.tokenizers) == len(encoders)
    for name in ("sample_size", "cross_attention_dim", "use_linear_projection"):
        assert parts.unet.config[name] == written["unet"].config[name]
    heads = [module.heads for module in written["unet"].modules() if hasattr(module, "heads")]
    assert [module.heads for module in parts.unet.modules() if hasattr(module, "heads")] == heads
    assert parts.vae.config.scaling_factor == FAMILIES[family].scaling_factor


def test_an_inpainting_file_has_nine_channels(tmp_path: Path) -> None:
    build("sd1", tmp_path / "inpainting.safetensors", in_channels=9)

    assert identify(read_header(tmp_path / "inpainting.safetensors")).in_channels == 9
    assert load_parts(tmp_path / "inpainting.safetensors", torch.float32).unet.config.in_channels == 9


def test_the_text_is_read_as_the_original_reads_it(tmp_path: Path) -> None:
    written = build("sd1", tmp_path / "a.safetensors")
    parts = load_parts(tmp_path / "a.safetensors", torch.float32)
    tokens = parts.tokenizers[0]("a red fox", padding="max_length", return_tensors="pt").input_ids

    with torch.inference_mode():
        assert torch.equal(parts.text_encoders[0](tokens)[0], written["text_encoder"](tokens)[0])


def test_a_lora_is_no_base_model(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    path = tmp_path / "lora.safetensors"
    save_file({"lora_unet_mid_block_attentions_0_proj_in.lora_down.weight": torch.zeros(4, 8)}, path)

    with pytest.raises(BadWeights, match="no base model"):
        load_parts(path, torch.float32)


def assert_same(found: torch.nn.Module, original: torch.nn.Module) -> None:
    ours, theirs = found.state_dict(), original.state_dict()
    assert set(ours) == set(theirs)
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
