"""A tiny random model on disk, an engine on it, and the stock pipeline to compare with."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import pytest

from core.settings import STARTER_MODEL_DIR
from models.catalogue import LocalModel, find_models
from tests.engine.stock import Stock


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    """Two threads that spin against each other take many times longer than one."""
    import torch

    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def model_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model directory with the model "tiny" in it."""
    from models.tiny import build_tiny_model

    directory = tmp_path_factory.mktemp("models")
    build_tiny_model(directory / "tiny")
    return directory


@pytest.fixture(scope="session")
def models(model_dir: Path) -> list[LocalModel]:
    return find_models([model_dir])


@pytest.fixture(scope="session")
def starter() -> LocalModel:
    """The model that ships with Atelier."""
    found = find_models([STARTER_MODEL_DIR])
    if found:
        return found[0]
    if os.environ.get("CI"):
        pytest.fail("the starter model's weights are missing")
    pytest.skip("the starter model's weights are not here yet")


@pytest.fixture(scope="session")
def stock(model_dir: Path) -> Stock:
    return Stock(model_dir / "tiny")


@pytest.fixture
def engine(models: list[LocalModel]) -> Iterator:
    from models.engine.engine import Engine

    engine = Engine(models, device="cpu")
    yield engine
    engine.close()
