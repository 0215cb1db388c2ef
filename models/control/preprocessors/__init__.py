"""Preprocessors: the map that a ControlNet follows, drawn from an ordinary picture. One module each.

    #: What it needs below `<model directory>/preprocessor/`; None where it needs no weights.
    WEIGHTS: str | None
    def load(weights: Path | None, device: torch.device) -> Preprocessor

The module's name is the preprocessor's, with `_` for `-`; its title is in `core.addon_spec.PREPROCESSORS`.
Its heavy imports wait until `load`. A preprocessor is offered only where its weights are.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from core.addon_spec import PREPROCESSORS
from core.guides import ControlUnit
from models.addons import entries_of_kind

if TYPE_CHECKING:
    import torch

#: An RGB picture to an RGB map of its size; the unit tells what else there is to choose.
Preprocessor = Callable[[Image.Image, ControlUnit], Image.Image]


def find_preprocessors(model_dirs: Iterable[Path]) -> dict[str, Path | None]:
    """The preprocessors that this machine can run, and where the weights of each lie."""
    there = {path.name: path for path in reversed(entries_of_kind(model_dirs, "preprocessor"))}
    needs = {name: _module(name).WEIGHTS for name in PREPROCESSORS}
    return {name: there.get(file) for name, file in needs.items() if file is None or file in there}


def load_preprocessor(name: str, weights: Path | None, device: torch.device) -> Preprocessor:
    """Load one of `find_preprocessors`. Raises OSError or BadWeights where its files are no good."""
    preprocessor: Preprocessor = _module(name).load(weights, device)
    return preprocessor


def _module(name: str):
    return importlib.import_module(f"{__name__}.{name.replace('-', '_')}")
