"""A model directory with a tiny model and adapters for it, of every kind and spelling."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import pytest

from models.addons import LocalAddon
from models.catalogue import LocalModel, find_models
from models.engine.engine import Engine


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    """Two threads that spin against each other take many times longer than one."""
    import torch

    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def model_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model directory with the model "tiny", and adapters of which all but "wider" fit it."""
    from models.tiny import build_tiny_model
    from models.tiny.adapters import CONVOLUTION, LINEAR, build_tiny_adapter

    directory = tmp_path_factory.mktemp("models")
    base = build_tiny_model(directory / "tiny")
    lora, lycoris = directory / "lora", directory / "lycoris"
    build_tiny_adapter(lora / "ink.safetensors", base)
    build_tiny_adapter(lora / "dots.safetensors", base, spelling="diffusers", alpha=None, text=False, seed=1)
    build_tiny_adapter(lora / "same.safetensors", base, alpha=None, seed=4)
    build_tiny_adapter(lora / "same-dotted.safetensors", base, spelling="diffusers", alpha=None, seed=4)
    build_tiny_adapter(lora / "locon.safetensors", base, layers=LINEAR + CONVOLUTION, text=False, seed=2)
    for kind in ("loha", "lokr", "dora", "glora", "oft", "boft"):
        build_tiny_adapter(lycoris / f"{kind}.safetensors", base, kind=kind, spelling="lycoris", seed=3)
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    wider = build_tiny_model(elsewhere / "wider", channels=(32, 64), name="wider")
    build_tiny_adapter(lora / "wider.safetensors", wider)
    return directory


@pytest.fixture(scope="session")
def models(model_dir: Path) -> list[LocalModel]:
    return find_models([model_dir])


@pytest.fixture(scope="session")
def addons(model_dir: Path) -> list[LocalAddon]:
    from models.addons import find_addons

    return find_addons([model_dir])


@pytest.fixture
def engine(models: list[LocalModel], addons: list[LocalAddon]) -> Iterator[Engine]:
    engine = Engine(models, device="cpu", addons=addons)
    yield engine
    engine.close()
