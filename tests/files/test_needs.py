"""What a model takes on a machine, from the heads of its files and traced calls."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from models.catalogue import find_models
from models.fits import Machine, needs_of
from models.fitting import fitting
from models.memory import Attention
from models.parts import weight_files
from models.plans import plan_for
from tests.files.families import build

_GIB = 2**30
_HALF = Machine(budget=_GIB, half=True, fused=True)


def test_the_curve_meets_what_is_traced_in_between(tmp_path: Path) -> None:
    from models.fits import _Calls
    from models.tiny import build_tiny_model

    build_tiny_model(tmp_path / "tiny", latent_side=16)
    (model,) = find_models([tmp_path])
    for machine, attention in ((_HALF, Attention.FUSED), (replace(_HALF, fused=False), Attention.WHOLE)):
        needs, calls = needs_of(model, machine), _Calls(model, machine)
        for side in (96, 192):
            pixels = side * side
            assert needs.denoising.at(pixels) == pytest.approx(calls.denoising(side, attention), rel=0.1)
            assert needs.decoding.at(pixels) == pytest.approx(calls.decoding(side, attention), rel=0.1)
    assert needs.slicing_saves and not needs_of(model, _HALF).slicing_saves


def test_tiles_take_what_the_curve_says(tmp_path: Path) -> None:
    from models.fits import _Calls
    from models.tiny import build_tiny_model

    build_tiny_model(tmp_path / "tiny")
    (model,) = find_models([tmp_path])
    calls = _Calls(model, _HALF)
    told = calls.tiled_decoding(Attention.FUSED)
    calls._vae.enable_tiling()
    for side in (64, 128):
        traced = calls.decoding(side, Attention.FUSED)
        assert traced <= told.at(side * side) <= 2 * traced


@pytest.mark.parametrize("family", ["sd1", "sdxl", "sdxl-refiner"])
def test_a_single_file_is_weighed_by_its_head(tmp_path: Path, family: str) -> None:
    parts = build(family, tmp_path / "a.safetensors")
    (model,) = find_models([tmp_path])
    needs = needs_of(model, _HALF)

    numbers = {name: sum(weight.numel() for weight in part.parameters()) for name, part in parts.items()}
    assert needs.unet == 2 * numbers["unet"]
    # SDXL says that its autoencoder overflows in fp16.
    assert needs.vae == (2 if family == "sd1" else 4) * numbers["vae"]
    # OpenCLIP's files bring a projection that SDXL's refiner shares.
    text = sum(count for name, count in numbers.items() if name.startswith("text"))
    assert needs.text == pytest.approx(2 * text, rel=0.01)
    assert plan_for(needs, _GIB, 512**2).way(512**2) is not None


def test_only_what_is_loaded_is_weighed(tmp_path: Path) -> None:
    """Folders of the hub bring weights in fp16 beside the others, and a safety checker."""
    from models.engine.residency import Residency
    from models.tiny import build_tiny_model

    folder = build_tiny_model(tmp_path / "plain" / "tiny")
    (plain,) = find_models([tmp_path / "plain"])
    shutil.copytree(folder, tmp_path / "hub" / "tiny")
    (hub,) = find_models([tmp_path / "hub"])
    for file in list(hub.path.glob("*/*.safetensors")):
        shutil.copy(file, file.with_name(f"{file.stem}.fp16.safetensors"))
    (hub.path / "safety_checker").mkdir()
    shutil.copy(hub.path / "unet" / "diffusion_pytorch_model.safetensors", hub.path / "safety_checker")

    assert needs_of(hub, _HALF) == needs_of(plain, _HALF)
    held = Residency([hub], torch.device("cpu"), _GIB)
    assert held.find("tiny").bytes == sum(file.stat().st_size for file in weight_files(plain.path))
    # A card holds them in half precision, as the plan knows.
    (fit,) = fitting([hub], _HALF)
    held.offer([fit])
    assert held.find("tiny").bytes == needs_of(plain, _HALF).weights


def test_large_weights_come_in_several_files(tmp_path: Path) -> None:
    unet = tmp_path / "unet"
    unet.mkdir()
    shards = [unet / f"diffusion_pytorch_model-0000{number}-of-00002.safetensors" for number in (1, 2)]
    for file in (*shards, unet / "diffusion_pytorch_model.fp16-00001-of-00002.safetensors"):
        file.touch()
    assert weight_files(tmp_path) == shards
