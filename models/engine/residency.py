"""Which models are in memory: loaded when asked for, the least recently used leave to make room."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from core.words import N_
from models.architectures import module_of
from models.catalogue import LocalModel
from models.engine.api import UnknownModel
from models.engine.fingerprint import free_memory, pick_dtype
from models.engine.model import LoadedModel
from models.fits import this_machine
from models.parts import weight_files

if TYPE_CHECKING:
    from models.engine.addons import Addons

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Offered:
    """A model on this machine."""

    model: LocalModel
    #: What its weights take, as its plan or else its files tell.
    bytes: int


class Residency:
    """Only the engine's thread calls it, but for `names`, `knows` and `offer`."""

    def __init__(self, models: Iterable[LocalModel], device: torch.device, budget_bytes: int | None) -> None:
        self.offer(models)
        self._device = device
        self._dtype = pick_dtype(device)
        self._budget = budget_bytes or this_machine(device).budget
        #: In order of use, the latest last.
        self._loaded: dict[str, LoadedModel] = {}
        #: Add-ons in memory, which count too.
        self.beside: Addons | None = None
        #: Models in memory; other threads may read it.
        self.names: frozenset[str] = frozenset()

    def offer(self, models: Iterable[LocalModel]) -> None:
        """Know these models from now on; any thread may call it. What images under way use stays."""
        self._known = {model.spec.name: Offered(model=model, bytes=_bytes(model)) for model in models}

    def drop_replaced(self, in_use: Set[str]) -> list[str]:
        """Let go of models whose files are others now, or gone, once no image uses them; returns names."""
        hashes = {name: offered.model.spec.weights_hash for name, offered in self._known.items()}
        replaced = [
            name
            for name, model in self._loaded.items()
            if name not in in_use and hashes.get(name) != model.spec.weights_hash
        ]
        for name in replaced:
            logger.info("%s leaves the memory: its files are others now", name)
            del self._loaded[name]
        self.names = frozenset(self._loaded)
        return replaced

    def knows(self, name: str) -> bool:
        return name in self._known

    @property
    def usual(self) -> str:
        """The model beside which is done what needs none: the one used last, else the one that takes least;
        "" where there is none."""
        drawing = {name: known.bytes for name, known in self._known.items() if known.model.spec.draws}
        used = next((name for name in reversed(self._loaded) if name in drawing), "")
        return used or min(drawing, key=drawing.__getitem__, default="")

    def find(self, name: str) -> Offered:
        """The model of this name as it is offered now. Raises UnknownModel where there is none."""
        offered = self._known.get(name)
        if offered is None:
            raise UnknownModel(N_("There is no model {name} on this machine."), name=name)
        return offered

    def get(self, name: str) -> LoadedModel | None:
        """The model, if it is in memory."""
        model = self._loaded.pop(name, None)
        if model is not None:
            self._loaded[name] = model
        return model

    def make_room(
        self,
        needed: int,
        in_use: Mapping[str, int],
        *,
        working: int = 0,
        name: str | None = None,
        wanted: Set[str] = frozenset(),
        at_once: bool = False,
    ) -> list[str] | None:
        """Evict idle add-ons and models until so many bytes fit; whoever still refers to the models should
        let go before `load`. The least recently used leave first, those that images wait for last.

        Args:
            in_use: models that stay, and what calls of their images take: one call is made at a time, so that
                the largest counts.
            working: what calls take of whoever needs the room.
            name: the model that needs the room; it stays.
            wanted: models that images wait for.
            at_once: the bytes are taken even where there is no room for them; all that is idle leaves.

        Returns:
            Names of the evicted, or None where the models in use leave no room yet. What is larger than the
            whole budget gets room when nothing else is in use.
        """
        idle = sorted((old for old in self._loaded if old not in {*in_use, name}), key=wanted.__contains__)
        free = self._budget - sum(model.bytes for model in self._loaded.values())
        free -= max(working, *in_use.values(), 0)
        if self.beside is not None:
            free -= self.beside.bytes
            free += self.beside.drop_idle(needed - free)
        evicted: list[str] = []
        while free < needed and idle:
            evicted.append(idle.pop(0))
            free += self._loaded[evicted[-1]].bytes
        if free < needed and not at_once and in_use.keys() - {name}:
            return None
        for old in evicted:
            logger.info("%s leaves the memory", old)
            del self._loaded[old]
        self.names = frozenset(self._loaded)
        return evicted

    def load(self, known: LocalModel) -> LoadedModel:
        """Load a model for which there is room."""
        # The evicted are freed first, or both would need to fit.
        free_memory(self._device)
        name = known.spec.name
        logger.info("loading %s, to draw %s", name, known.plan or "plain")
        model = module_of(known.spec.architecture).load(known, self._device, self._dtype)
        self._loaded[name] = model
        self.names = frozenset(self._loaded)
        return model


def _bytes(model: LocalModel) -> int:
    if model.plan is not None:
        return model.plan.needs.weights
    return sum(file.stat().st_size for file in weight_files(model.path))
