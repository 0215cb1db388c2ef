"""Base architectures, one module for each way of loading and telling.

A module says for which architectures it stands, which diffusers pipeline classes bring them, and how they
load:

    ARCHITECTURES: frozenset[str]
    PIPELINES: frozenset[str]
    def load(model: LocalModel, device: torch.device, dtype: torch.dtype) -> LoadedModel

Its heavy imports wait until `load`, since the catalogue asks each module which folders are its own.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType


def module_of_pipeline(pipeline: str) -> ModuleType | None:
    """The module that loads folders of this diffusers pipeline class; None where there is none."""
    return next((module for module in _modules() if pipeline in module.PIPELINES), None)


def module_of(architecture: str) -> ModuleType:
    """The module that loads models of an architecture. Raises KeyError where there is none."""
    for module in _modules():
        if architecture in module.ARCHITECTURES:
            return module
    raise KeyError(architecture)


def _modules() -> Iterator[ModuleType]:
    for found in pkgutil.iter_modules(__path__):
        yield importlib.import_module(f"{__name__}.{found.name}")
