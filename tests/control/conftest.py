"""A model directory with tiny weights of everything that sees."""

from __future__ import annotations

import os
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import pytest


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
