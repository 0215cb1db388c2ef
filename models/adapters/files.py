"""Adapters on disk and in memory: LoRA, LoCon, LoHa, LoKr, DoRA, OFT, BOFT and GLoRA, as diffusers, kohya's
scripts and LyCORIS write them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from core.addon_spec import AddonKind
from core.words import N_
from models.adapters.names import TensorName, paths_of_layers, read_name
from models.engine.api import DoesNotFit
from models.files.header import BadWeights, read_header
from models.files.identify import identify

if TYPE_CHECKING:
    import torch
    from torch import nn

    from models.adapters.patches import Patch

#: Where diffusers and peft keep what the tensors don't tell.
_METADATA = "lora_adapter_metadata"


def facts(path: Path) -> dict[str, Any]:
    """What a file tells of an adapter: fields of its AddonSpec.

    Raises:
        ValueError, OSError, BadWeights: it is none, or of a kind that is not known here.
    """
    file = _file(path)
    header = read_header(file)
    identity = identify(header)
    if identity.kind not in (AddonKind.LORA, AddonKind.LYCORIS):
        raise ValueError(f"it is no LoRA but of the kind {identity.kind_name}")
    _names(header.tensors)
    return {"architecture": identity.architecture, "trigger_words": _trigger_words(header.metadata)}


def load_adapter(path: Path, name: str, device: torch.device, dtype: torch.dtype) -> LoadedAdapter:
    """Load an adapter. Only safetensors are read.

    Raises:
        BadWeights: some tensors are missing, or of a kind that is not known here.
    """
    from safetensors.torch import load_file

    from models.adapters.making import make_patch

    file = _file(path)
    header = read_header(file)
    names = _names(header.tensors)
    grouped: dict[tuple[str, str], dict[str, torch.Tensor]] = defaultdict(dict)
    for tensor_name, tensor in load_file(file).items():
        known = names[tensor_name]
        # Alphas are read as numbers.
        own = tensor if known.what == "alpha" else tensor.to(device, dtype)
        grouped[known.part, known.layer][known.what] = own
    alphas = _alphas(header.metadata)
    parts: dict[str, dict[str, Patch]] = defaultdict(dict)
    for (part, layer), tensors in grouped.items():
        parts[part][layer] = make_patch(tensors, alphas.get((part, layer), alphas.get((part, ""))))
    return LoadedAdapter(name, parts)


class LoadedAdapter:
    """An adapter on a device; which layers its patches belong to is found out for each network."""

    def __init__(self, name: str, parts: Mapping[str, Mapping[str, Patch]]) -> None:
        self.name = name
        self._parts = parts
        #: By network: the path of each of its layers to what is laid over it.
        self._patches: WeakKeyDictionary[nn.Module, Mapping[str, Patch]] = WeakKeyDictionary()

    @property
    def parts(self) -> Collection[str]:
        """Parts of a model that it changes (`models.adapters.names`)."""
        return self._parts.keys()

    def check(self, networks: Mapping[str, nn.Module]) -> None:
        """Raises DoesNotFit where a model of these parts is not the kind of model that it was made for."""
        if not self._parts.keys() <= networks.keys():
            raise self._refused()
        for part, network in networks.items():
            self.patches(part, network)

    def patches(self, part: str, network: nn.Module) -> Mapping[str, Patch]:
        """What it lays over each layer of the network, by the layer's path.

        Raises:
            DoesNotFit: it has weights for layers that the network does not have, or for larger ones.
        """
        if network not in self._patches:
            self._patches[network] = self._fitted(self._parts.get(part, {}), network)
        return self._patches[network]

    def _fitted(self, own: Mapping[str, Patch], network: nn.Module) -> Mapping[str, Patch]:
        paths = paths_of_layers(own, network)
        fits = len(paths) == len(own) and all(
            _fits(own[layer], network.get_submodule(path)) for layer, path in paths.items()
        )
        if not fits:
            raise self._refused()
        return {path: own[layer] for layer, path in paths.items()}

    def _refused(self) -> DoesNotFit:
        return DoesNotFit(
            N_(
                "The LoRA {name} was made for another kind of base model. Choose another LoRA, or the model "
                "that it belongs to."
            ),
            name=self.name,
        )


def _fits(patch: Patch, layer: Any) -> bool:
    try:
        return patch.delta(layer).shape == layer.weight.shape
    except RuntimeError:
        return False


def _file(path: Path) -> Path:
    """The adapter's file; a folder should hold one."""
    if not path.is_dir():
        return path
    files = sorted(path.glob("*.safetensors"))
    if len(files) != 1:
        raise BadWeights("it should hold one .safetensors file")
    return files[0]


def _names(tensors: Collection[str]) -> dict[str, TensorName]:
    """What each tensor is. Raises BadWeights where that is not known here."""
    names = {name: read_name(name) for name in tensors}
    unknown = next((name for name, known in names.items() if known is None), None)
    if unknown is not None:
        raise BadWeights(
            f"its tensor {unknown[:80]} is of no kind of adapter that is known here: LoRA, LoCon, "
            "LoHa, LoKr, DoRA, OFT, BOFT and GLoRA as diffusers, kohya's scripts and LyCORIS write them"
        )
    return {name: known for name, known in names.items() if known is not None}


def _alphas(metadata: Mapping[str, str]) -> dict[tuple[str, str], float]:
    """Alphas that peft's configs tell, by part and layer; "" stands for all other layers of the part."""
    told: dict[str, Any] = json.loads(metadata.get(_METADATA, "{}"))
    alphas: dict[tuple[str, str], float] = {}
    for key, value in told.items():
        part, _, field = key.partition(".")
        if field == "lora_alpha":
            alphas[part, ""] = float(value)
        elif field == "alpha_pattern":
            own = {layer.replace(".", "_"): float(alpha) for layer, alpha in (value or {}).items()}
            alphas |= {(part, layer): alpha for layer, alpha in own.items()}
    return alphas


def _trigger_words(metadata: Mapping[str, str]) -> tuple[str, ...]:
    """Words that call it up, where its file says some (modelspec.org's `trigger_phrase`)."""
    words = metadata.get("modelspec.trigger_phrase", "").split(",")
    return tuple(word.strip() for word in words if word.strip())
