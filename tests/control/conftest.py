"""A model directory with tiny weights of everything that sees."""

from __future__ import annotations

import os
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import pytest

from models.addons import LocalAddon
from tests.control.stock import ControlStock


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    """Two threads that spin against each other take many times longer than one."""
    import torch

    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def seers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model directory with weights for every preprocessor and masker."""
    from models.tiny import seers

    directory = tmp_path_factory.mktemp("seers")
    (directory / "preprocessor").mkdir()
    seers.build_tiny_edges(directory / "preprocessor")
    seers.build_tiny_depth(directory / "preprocessor" / "depth")
    seers.build_tiny_poses(directory / "preprocessor" / "openpose")
    seers.build_tiny_clipseg(directory / "masker" / "clipseg")
    seers.build_tiny_sam(directory / "masker" / "sam")
    return directory


@pytest.fixture(scope="session")
def model_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model directory with the model "tiny", ControlNets and IP-Adapters for it, and some that do not."""
    from safetensors.torch import load_file, save_file

    from models.tiny import build_tiny_model
    from models.tiny.addons import build_tiny_controlnet, build_tiny_ip_adapter

    directory = tmp_path_factory.mktemp("models")
    base = build_tiny_model(directory / "tiny")
    nets, adapters = directory / "controlnet", directory / "ip-adapter"
    build_tiny_controlnet(nets / "canny", base)
    build_tiny_controlnet(nets / "depth", base, seed=1, name="depth")
    # What the tensors of a single file don't tell is as in the published ones.
    usual = build_tiny_controlnet(
        nets / "usual", base, name="usual", norm_num_groups=32, attention_head_dim=8
    )
    save_file(load_file(usual / "diffusion_pytorch_model.safetensors"), nets / "single-canny.safetensors")
    build_tiny_ip_adapter(adapters / "plain", base)
    build_tiny_ip_adapter(adapters / "plus", base, plus=True, seed=1)
    (nets / "broken").mkdir()
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    other = build_tiny_model(elsewhere / "wider", channels=(32, 64), name="wider")
    build_tiny_controlnet(nets / "other", other, name="other")
    build_tiny_ip_adapter(adapters / "other", other)
    return directory


@pytest.fixture(scope="session")
def addons(model_dir: Path) -> list[LocalAddon]:
    from models.addons import find_addons

    return find_addons([model_dir])


@pytest.fixture(scope="session")
def control_stock(model_dir: Path) -> ControlStock:
    nets = {name: model_dir / "controlnet" / name for name in ("canny", "depth")}
    adapters = {name: model_dir / "ip-adapter" / name for name in ("plain", "plus")}
    return ControlStock(model_dir / "tiny", nets, adapters)
