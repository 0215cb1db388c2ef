"""Which models are in memory: loaded when asked for, the least recently used leave to make room."""

from __future__ import annotations

import gc
import logging
import os
from collections.abc import Iterable, Set

import torch

from models.architectures import architecture
from models.catalogue import LocalModel
from models.engine.fingerprint import pick_dtype
from models.engine.model import LoadedModel

logger = logging.getLogger(__name__)


class Residency:
    """Only the engine's thread calls it, but for `names`."""

    def __init__(self, models: Iterable[LocalModel], device: torch.device, budget_bytes: int | None) -> None:
        self._known = {model.spec.name: model for model in models}
        self._device = device
        self._dtype = pick_dtype(device)
        self._budget = budget_bytes or _default_budget(device)
        self._file_bytes = {name: _file_bytes(model) for name, model in self._known.items()}
        #: In order of use, the latest last.
        self._loaded: dict[str, LoadedModel] = {}
        #: Models in memory; other threads may read it.
        self.names: frozenset[str] = frozenset()

    def knows(self, name: str) -> bool:
        return name in self._known

    def get(self, name: str) -> LoadedModel | None:
        """The model, if it is in memory."""
        model = self._loaded.pop(name, None)
        if model is not None:
            self._loaded[name] = model
        return model

    def load(self, name: str, in_use: Set[str]) -> tuple[LoadedModel | None, list[str]]:
        """Load a model, evicting idle ones.

        Returns:
            The model, or None where those in use leave no room for it yet; and the names of the evicted.
            A model larger than the whole budget is loaded when nothing else is in use.
        """
        evicted = self._make_room(self._file_bytes[name], in_use)
        if evicted is None:
            return None, []
        logger.info("loading %s", name)
        model = architecture(self._known[name].spec.architecture).load(
            self._known[name], self._device, self._dtype
        )
        self._loaded[name] = model
        self.names = frozenset(self._loaded)
        return model, evicted

    def _make_room(self, needed: int, in_use: Set[str]) -> list[str] | None:
        idle = [name for name in self._loaded if name not in in_use]
        free = self._budget - sum(model.bytes for model in self._loaded.values())
        evicted: list[str] = []
        while free < needed and idle:
            evicted.append(idle.pop(0))
            free += self._loaded[evicted[-1]].bytes
        if free < needed and in_use:
            return None
        for name in evicted:
            logger.info("%s leaves the memory", name)
            del self._loaded[name]
        if evicted:
            self.names = frozenset(self._loaded)
            gc.collect()
            if self._device.type == "cuda":
                torch.cuda.empty_cache()
        return evicted


def _file_bytes(model: LocalModel) -> int:
    return sum(file.stat().st_size for file in model.path.glob("*/*.safetensors"))


def _default_budget(device: torch.device) -> int:
    """Most of a graphics card, half of a computer."""
    if device.type == "cuda":
        return int(torch.cuda.get_device_properties(device).total_memory * 0.7)
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
