"""How an add-on of each kind comes into memory; a new kind is a line in `_BY_KIND`.

Each loader imports what it takes by itself: a worker without upscalers never loads their code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import torch

from core.addon_spec import AddonKind
from core.words import N_
from models.addons import LocalAddon
from models.engine.api import UnknownModel

_Load = Callable[[Path, str, torch.device, torch.dtype], Any]


def load_addon(local: LocalAddon, device: torch.device, dtype: torch.dtype) -> Any:
    """A network, an IPAdapter, a LoadedAdapter, a Preprocessor, a Masker or a Captioner, on the device; or an
    Inversion.

    Raises:
        UnknownModel: its weights are not there.
    """
    kind, name, path = local.spec.kind, local.spec.name, local.path
    if kind is AddonKind.PREPROCESSOR:
        # Some need no weights.
        return import_module("models.control.preprocessors").load_preprocessor(name, path, device)
    if path is None:
        raise UnknownModel(N_("{name} has no weights on this machine."), name=name)
    return _BY_KIND[kind](path, name, device, dtype)


def _from(module: str, function: str) -> Callable[..., Any]:
    return lambda *arguments: getattr(import_module(module), function)(*arguments)


def _network(module: str, function: str, *, of_dtype: bool = True) -> _Load:
    """One network and nothing else."""
    load = _from(module, function)
    return lambda path, _name, device, dtype: load(path, *([dtype] if of_dtype else [])).to(device)


_adapter = _from("models.adapters.files", "load_adapter")
_captioner = _from("models.captions", "load_captioner")
_inversion = _from("models.engine.inversion", "read_inversion")
_ip_adapter = _from("models.references.files", "load_ip_adapter")
_restorer = _from("models.restorers.files", "load_restorer")
_masker = _from("models.masks", "load_masker")

_BY_KIND: Mapping[AddonKind, _Load] = {
    AddonKind.CAPTIONER: lambda path, _name, device, _dtype: _captioner(path, device),
    AddonKind.CONTROLNET: _network("models.control.files", "load_controlnet"),
    AddonKind.EMBEDDING: lambda path, name, _device, _dtype: _inversion(path, name),
    AddonKind.FACE_RESTORER: lambda path, _name, device, _dtype: _restorer(path, device),
    AddonKind.IP_ADAPTER: lambda path, _name, device, dtype: _ip_adapter(path, device, dtype),
    AddonKind.LORA: _adapter,
    AddonKind.LYCORIS: _adapter,
    AddonKind.MASKER: lambda path, name, device, _dtype: _masker(name, path, device),
    AddonKind.PREVIEW_VAE: _network("models.files.preview_vae", "load_preview_vae"),
    AddonKind.UPSCALER: _network("models.upscalers.rrdb", "load_rrdb", of_dtype=False),
    AddonKind.VAE: _network("models.files.vae", "load_vae"),
}
