"""Maskers: what to paint anew, by words (CLIPSeg) or by a point (SAM); offered where their weights are."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from core.addon_spec import POINT_MASKER, TEXT_MASKER
from core.stages import MakeMask
from models.addons import entries_of_kind

if TYPE_CHECKING:
    import torch

#: An RGB picture to a mask of its size: "L", white where the thing is that the stage asks for.
Masker = Callable[[Image.Image, MakeMask], Image.Image]

#: Each lies in `<model directory>/masker/<name>`, a folder as transformers saves it.
TITLES = {TEXT_MASKER: "By words (CLIPSeg)", POINT_MASKER: "By a point (SAM)"}


def find_maskers(model_dirs: Iterable[Path]) -> dict[str, Path]:
    """The maskers that this machine can run, and where the weights of each lie."""
    there = {path.name: path for path in reversed(entries_of_kind(model_dirs, "masker"))}
    return {name: there[name] for name in TITLES if name in there}


def load_masker(name: str, weights: Path, device: torch.device) -> Masker:
    """Load one of `find_maskers`. Raises OSError where its files are no good."""
    masker: Masker = importlib.import_module(f"{__name__}.{name}").load(weights, device)
    return masker
