"""No door lets in a weight file whose head can't be trusted, also where it is one of many in a folder."""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from models.addons import find_addons
from models.catalogue import find_models
from tests.bad_weights import name_twice

#: A weight file of each door, below the model directory.
_DOORS = [
    "tiny/unet/diffusion_pytorch_model.safetensors",
    "tiny/vae/diffusion_pytorch_model.safetensors",
    "tiny/text_encoder/model.safetensors",
    "controlnet/canny/diffusion_pytorch_model.safetensors",
    "controlnet/single-canny.safetensors",
    "ip-adapter/plain/image_encoder/model.safetensors",
    "vae/tiny/diffusion_pytorch_model.safetensors",
    "preview-vae/tiny/diffusion_pytorch_model.safetensors",
    "captioner/tiny/model.safetensors",
    "masker/sam/model.safetensors",
    "preprocessor/pidinet.safetensors",
    "preprocessor/openpose/pose/model.safetensors",
]


@pytest.fixture(scope="module")
def directory(model_dir: Path, seers: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model directory with all kinds of models."""
    from diffusers.models import AutoencoderTiny

    from models.tiny.seers import build_tiny_captioner

    directory = tmp_path_factory.mktemp("all")
    for source in (model_dir, seers):
        shutil.copytree(source, directory, dirs_exist_ok=True)
    shutil.copytree(directory / "tiny" / "vae", directory / "vae" / "tiny")
    build_tiny_captioner(directory / "captioner" / "tiny")
    preview = AutoencoderTiny(encoder_block_out_channels=(8,) * 4, decoder_block_out_channels=(8,) * 4)
    preview.save_pretrained(directory / "preview-vae" / "tiny")
    return directory


def _pickle(path: Path) -> None:
    path.write_bytes(pickle.dumps({"weight": [1.0]}))


def _found(directory: Path) -> set[Path]:
    """All that would be offered, by where it lies."""
    addons = {addon.path for addon in find_addons([directory]) if addon.path is not None}
    return {model.path for model in find_models([directory])} | addons


@pytest.mark.parametrize("spoil", [name_twice, _pickle])
@pytest.mark.parametrize("door", _DOORS)
def test_what_cannot_be_trusted_is_left_out(
    directory: Path, door: str, spoil: Callable[[Path], object]
) -> None:
    file = directory / door
    good = file.read_bytes()
    before = _found(directory)
    try:
        spoil(file)
        (left_out,) = before - _found(directory)
        assert file.is_relative_to(left_out)
    finally:
        file.write_bytes(good)


@pytest.mark.parametrize("name", ["._diffusion_pytorch_model", "diffusion_pytorch_model.fp16"])
def test_what_is_never_read_is_not_looked_at(directory: Path, name: str) -> None:
    before, beside = _found(directory), directory / "controlnet" / "canny" / f"{name}.safetensors"
    try:
        beside.write_text("version https://git-lfs.github.com/spec/v1")
        assert _found(directory) == before
    finally:
        beside.unlink()
