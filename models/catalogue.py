"""The models that lie in this worker's model directories.

A model is a diffusers folder: `model_index.json` beside `unet/`, `vae/`, `text_encoder/`, `tokenizer/` and
`scheduler/`. It lies in a model directory itself or one level below (`<directory>/<kind>/<folder>`). An
optional `atelier.json` beside `model_index.json` sets any field of the ModelSpec but architecture and hash.
What people type is only ever looked up in the resulting list; it never becomes a path.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.model_spec import ModelSpec
from core.samplers import SAMPLERS
from models.architectures import architecture_of
from models.hashes import HashCache

logger = logging.getLogger(__name__)

_COMPONENTS = ("unet", "vae", "text_encoder", "tokenizer", "scheduler")


@dataclass(frozen=True, kw_only=True)
class LocalModel:
    """A model on this machine's disk."""

    spec: ModelSpec
    path: Path


def find_models(model_dirs: Iterable[Path], *, hash_cache: Path | None = None) -> list[LocalModel]:
    """Every model in the directories, by name; where two share a name, the first found counts.

    Folders that are no model, or that cannot be read, are left out with a line in the log.

    Args:
        hash_cache: file that remembers hashes between starts; hashing reads every byte of the weights.
    """
    cache = HashCache(hash_cache)
    found: dict[str, LocalModel] = {}
    for path in _folders(model_dirs):
        try:
            model = LocalModel(spec=_read_spec(path, cache), path=path)
        except (OSError, ValueError, KeyError, TypeError) as error:
            logger.warning("%s is left out: %s", path, error)
            continue
        if found.setdefault(model.spec.name, model) is not model:
            logger.warning("%s is left out: %s has its name too", path, found[model.spec.name].path)
    cache.save()
    return list(found.values())


def _folders(model_dirs: Iterable[Path]) -> Iterator[Path]:
    for directory in model_dirs:
        indexes = [*directory.glob("*/model_index.json"), *directory.glob("*/*/model_index.json")]
        yield from sorted(index.parent for index in indexes)


def _read_spec(path: Path, cache: HashCache) -> ModelSpec:
    architecture = architecture_of(_json(path / "model_index.json").get("_class_name", ""))
    if architecture is None:
        raise ValueError("its architecture is not known here")
    own = _json(path / "atelier.json") if (path / "atelier.json").exists() else {}
    facts = {"architecture": architecture, "weights_hash": cache.digest(path, _COMPONENTS)}
    return _checked(ModelSpec(**{**_defaults(path), **own, **facts}))


def _defaults(path: Path) -> dict[str, Any]:
    """What the folder itself tells, and the habits of Stable Diffusion for the rest."""
    unet = _json(path / "unet" / "config.json")
    vae_factor = 2 ** (len(_json(path / "vae" / "config.json")["block_out_channels"]) - 1)
    native_side = int(unet["sample_size"]) * vae_factor
    # Each level of the UNet but the last halves the latents.
    side_multiple = max(8, vae_factor * 2 ** (len(unet["block_out_channels"]) - 1))
    return {
        "name": re.sub(r"[^a-z0-9.]+", "-", path.name.lower()).strip("-."),
        "title": path.name,
        "native_side": native_side,
        "side_multiple": side_multiple,
        "min_side": max(side_multiple, native_side // 4 // side_multiple * side_multiple),
        "max_side": max(side_multiple, native_side * 2 // side_multiple * side_multiple),
        "default_steps": 25,
        "max_steps": 150,
        "default_guidance_scale": 7.0,
        "default_sampler": "DPM++ 2M",
        "default_schedule": "karras",
        "licence": "unknown",
    }


def _checked(spec: ModelSpec) -> ModelSpec:
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{0,59}", spec.name):
        raise ValueError(f"{spec.name!r} is no name: use a-z, 0-9, dot and dash, up to 60 characters")
    sampler = SAMPLERS.get(spec.default_sampler)
    if sampler is None or spec.default_schedule not in sampler.schedules:
        raise ValueError(f"{spec.default_sampler} on {spec.default_schedule} is no sampler and schedule")
    return spec


def _json(path: Path) -> dict[str, Any]:
    data = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(data, dict):
        raise ValueError(f"{path.name} holds no object")
    return data
