"""Add-ons in memory, beside the base models and under one budget: loaded when an image first needs them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from core.addon_spec import AddonKind, AddonSpec
from core.words import N_
from models.addons import LocalAddon
from models.engine.addon_loaders import load_addon
from models.engine.api import UnknownModel
from models.engine.residency import Residency

if TYPE_CHECKING:
    from models.engine.images import ImageRun

logger = logging.getLogger(__name__)

Key = tuple[AddonKind, str]


@dataclass(kw_only=True, eq=False)
class Loaded:
    """An add-on in memory."""

    #: Its files may have been replaced since.
    local: LocalAddon
    bytes: int
    value: Any
    #: Images that asked for it and may do so again.
    users: WeakSet[ImageRun] = field(default_factory=WeakSet)

    @property
    def idle(self) -> bool:
        return all(run.future.done() for run in self.users)


class Addons:
    """Only the engine's thread calls it, but for `offer`."""

    def __init__(
        self,
        addons: Iterable[LocalAddon],
        residency: Residency,
        *,
        in_use: Callable[[], Mapping[str, int]],
        on_evicted: Callable[[str], None],
    ) -> None:
        """
        Args:
            in_use: the base models that images under way need now, and what calls take besides.
            on_evicted: called with the name of an idle base model that has to leave.
        """
        self.offer(addons)
        self._residency = residency
        self._in_use = in_use
        self._on_evicted = on_evicted
        #: By kind, name and hash, in order of use, the latest last: what was replaced stays beside the new
        #: one while images use it.
        self._loaded: dict[tuple[AddonKind, str, str], Loaded] = {}
        residency.beside = self

    def offer(self, addons: Iterable[LocalAddon]) -> None:
        """Know these add-ons from now on; any thread may call it."""
        self._known = {(addon.spec.kind, addon.spec.name): addon for addon in addons}

    @property
    def bytes(self) -> int:
        return sum(loaded.bytes for loaded in self._loaded.values())

    def specs(self, kind: AddonKind, run: ImageRun) -> list[AddonSpec]:
        """The add-ons of a kind that the image may have: all that there are, and those it began with."""
        known = {**self._known, **{key: loaded.local for key, loaded in run.held.items()}}
        return [addon.spec for (of_kind, _), addon in known.items() if of_kind is kind]

    def get(self, kind: AddonKind, name: str, run: ImageRun) -> Any:
        """The add-on, loaded if need be; the image has the same one to its end, whatever replaces it.

        Raises:
            UnknownModel: there is none of this name.
        """
        value = self.borrow(kind, name, run)
        run.addon_hashes[f"{kind}:{name}"] = run.held[kind, name].local.spec.weights_hash
        return value

    def borrow(self, kind: AddonKind, name: str, run: ImageRun) -> Any:
        """As `get`, for what the finished picture does not depend on: its recipe names it not."""
        loaded = run.held.get((kind, name))
        if loaded is None:
            loaded = run.held[kind, name] = self._newest(kind, name, run)
            loaded.users.add(run)
        return loaded.value

    def _newest(self, kind: AddonKind, name: str, run: ImageRun) -> Loaded:
        """The add-on as it is on disk now."""
        local = self._known.get((kind, name))
        if local is None:
            raise UnknownModel(
                N_("There is no {kind} {name} on this machine."), kind=kind.replace("-", " "), name=name
            )
        key = kind, name, local.spec.weights_hash
        loaded = self._loaded.pop(key, None) or self._load(local, run)
        self._loaded[key] = loaded
        return loaded

    def drop_idle(self, needed: int) -> int:
        """Let go of idle add-ons, the least recently used first; returns how many bytes that gave."""
        given = 0
        for key in [key for key, loaded in self._loaded.items() if loaded.idle]:
            if given >= needed:
                break
            logger.info("%s %s leaves the memory", *key[:2])
            given += self._loaded.pop(key).bytes
        return given

    def _load(self, local: LocalAddon, run: ImageRun) -> Loaded:
        # The image itself is on its way from one stage to the next, and counted nowhere else.
        name, in_use = run.model.spec.name, dict(self._in_use())
        in_use[name] = max(in_use.get(name, 0), run.working(run.model.plan))
        needed = local.bytes
        # Where those in use leave no room it is tried all the same: its base model is one of them.
        evicted = self._residency.make_room(needed, in_use, at_once=True)
        for old in evicted or ():
            self._on_evicted(old)
        logger.info("loading %s %s", local.spec.kind, local.spec.name)
        value = load_addon(local, run.model.device, run.model.dtype)
        return Loaded(local=local, bytes=needed, value=value)
