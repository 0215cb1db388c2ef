"""Adapters at their weights over the networks of a model: put on only where the next call wants others.

They are laid over layers by forward hooks and never written into weights, so that a network that wears none
is what it was when it was loaded, to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from weakref import ReferenceType, ref

from core.addon_spec import AddonKind
from core.request import Adapter
from core.words import N_
from models.adapters.files import LoadedAdapter
from models.engine.api import UnknownModel

if TYPE_CHECKING:
    import torch
    from torch import nn
    from torch.utils.hooks import RemovableHandle

    from models.engine.images import ImageRun

_KINDS = (AddonKind.LORA, AddonKind.LYCORIS)


@dataclass(frozen=True, kw_only=True)
class Laid:
    """An adapter at a weight. Equal are those of one name, content and weight."""

    name: str
    weights_hash: str
    weight: float
    #: Weak, since lanes and caches remember whom they met; the images under way keep it in memory.
    adapter: ReferenceType[LoadedAdapter] = field(compare=False)

    @property
    def loaded(self) -> LoadedAdapter:
        adapter = self.adapter()
        if adapter is None:
            raise RuntimeError(f"the adapter {self.name} left the memory while it was needed")
        return adapter


class Overlay:
    """What one network of a model wears. Only the engine's thread touches it."""

    def __init__(self) -> None:
        self._worn: tuple[Laid, ...] = ()
        self._handles: list[RemovableHandle] = []

    def wear(self, part: str, network: nn.Module, wanted: tuple[Laid, ...]) -> None:
        """Have the network wear these adapters, and nothing else.

        Raises:
            DoesNotFit: one of them is for another kind of base model.
        """
        # One that left the memory and came back is another object.
        known = zip(wanted, self._worn, strict=False)
        if wanted == self._worn and all(one.adapter() is worn.adapter() for one, worn in known):
            return
        for handle in self._handles:
            handle.remove()
        self._worn, self._handles = (), []
        for one in wanted:
            for path in one.loaded.patches(part, network):
                hook = _hook(part, network, path, one)
                self._handles.append(network.get_submodule(path).register_forward_hook(hook))
        self._worn = wanted


def _hook(part: str, network: nn.Module, path: str, laid: Laid) -> Callable[..., Any]:
    # The network holds its hooks, which hold neither it nor an adapter's weights.
    wearer = ref(network)

    def add(layer: Any, inputs: tuple[torch.Tensor, ...], output: torch.Tensor) -> torch.Tensor:
        worn = wearer()
        if worn is None:
            return output
        patch = laid.loaded.patches(part, worn)[path]
        return output + patch.added(layer, inputs[0], laid.weight)

    return add


def laid_over(run: ImageRun) -> tuple[Laid, ...]:
    """The request's adapters, loaded; none for a stage that runs on another model, such as a refiner.

    Raises:
        UnknownModel: there is none of a name.
        DoesNotFit: one is for another kind of base model.
    """
    request = run.task.request
    if run.model.spec.name != request.model:
        return ()
    laid = tuple(_laid(run, adapter) for adapter in request.adapters if adapter.weight)
    for one in laid:
        one.loaded.check(run.model.networks)
    return laid


def for_part(laid: Iterable[Laid], part: str) -> tuple[Laid, ...]:
    """Those that change this part of a model."""
    return tuple(one for one in laid if part in one.loaded.parts)


def _laid(run: ImageRun, adapter: Adapter) -> Laid:
    # What the image began with comes before one of that name that was added since.
    kinds = sorted(_KINDS, key=lambda kind: (kind, adapter.name) not in run.held)
    kind = next((kind for kind in kinds if adapter.name in _names(run, kind)), None)
    if kind is None:
        raise UnknownModel(N_("There is no LoRA {name} on this machine."), name=adapter.name)
    loaded: LoadedAdapter = run.addon(kind, adapter.name)
    return Laid(
        name=adapter.name,
        weights_hash=run.addon_hashes[f"{kind}:{adapter.name}"],
        weight=adapter.weight,
        adapter=ref(loaded),
    )


def _names(run: ImageRun, kind: AddonKind) -> list[str]:
    return [] if run.addons is None else [spec.name for spec in run.addons.specs(kind, run)]
