"""Base architectures, one module each.

A module says which diffusers pipeline classes it stands for and how to load them:

    PIPELINES: frozenset[str]
    def load(model: LocalModel, device: torch.device, dtype: torch.dtype) -> LoadedModel

The module's name is the architecture's. Its heavy imports wait until `load`, since the catalogue asks each
module which folders are its own.
"""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType


def architecture_of(pipeline: str) -> str | None:
    """Name of the architecture that loads folders of this diffusers pipeline class."""
    for module in pkgutil.iter_modules(__path__):
        if pipeline in architecture(module.name).PIPELINES:
            return module.name
    return None


def architecture(name: str) -> ModuleType:
    """The module of an architecture."""
    return importlib.import_module(f"{__name__}.{name}")
