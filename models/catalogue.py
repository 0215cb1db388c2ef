"""The base models that lie in this worker's model directories.

A model is a diffusers folder (`model_index.json` beside `unet/`, `vae/`, `text_encoder/`, `tokenizer/` and
`scheduler/`) in a model directory or one level below, or a single safetensors file in a model directory or in
its `base/` or `checkpoints/`. An optional `atelier.json` beside `model_index.json`, or `<name>.json` beside
the file, sets any field of the ModelSpec but architecture and hash. What people type is only ever looked up
in the resulting list; it never becomes a path.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from core.model_spec import ModelSpec
from core.samplers import SAMPLERS
from models.beside import check_name, named, said_of
from models.facts import facts_of_file, facts_of_folder
from models.files.header import BadWeights
from models.hashes import HashCache
from models.plans import MemoryPlan

logger = logging.getLogger(__name__)

#: Where single files lie in a model directory, besides the directory itself.
_FILE_FOLDERS = ("base", "checkpoints")
#: What is usual with Stable Diffusion.
_HABITS = {
    "default_steps": 25,
    "max_steps": 150,
    "default_guidance_scale": 7.0,
    "default_sampler": "DPM++ 2M",
    "default_schedule": "karras",
    "licence": "unknown",
}


@dataclass(frozen=True, kw_only=True)
class LocalModel:
    """A model on this machine's disk."""

    spec: ModelSpec
    path: Path
    #: How it is drawn with on this machine (`models.fits`); None where that was not asked.
    plan: MemoryPlan | None = None


def find_models(model_dirs: Iterable[Path], *, hash_cache: Path | None = None) -> list[LocalModel]:
    """Every model in the directories, by name; where two share a name, the first found counts.

    What is no base model, or can't be read, is left out with a line in the log.

    Args:
        hash_cache: file that remembers hashes between starts; hashing reads every byte of the weights.
    """
    cache = HashCache(hash_cache)
    found: dict[str, LocalModel] = {}
    for path in _places(model_dirs):
        try:
            model = LocalModel(spec=_read_spec(path, cache), path=path)
        except (OSError, ValueError, KeyError, TypeError, BadWeights) as error:
            logger.warning("%s is left out: %s", path, error)
            continue
        if found.setdefault(model.spec.name, model) is not model:
            logger.warning("%s is left out: %s has its name too", path, found[model.spec.name].path)
    cache.save()
    return list(found.values())


def _places(model_dirs: Iterable[Path]) -> Iterator[Path]:
    for directory in model_dirs:
        indexes = [*directory.glob("*/model_index.json"), *directory.glob("*/*/model_index.json")]
        yield from sorted(index.parent for index in indexes)
        for folder in (directory, *(directory / name for name in _FILE_FOLDERS)):
            yield from sorted(folder.glob("[!.]*.safetensors"))


def _read_spec(path: Path, cache: HashCache) -> ModelSpec:
    if path.is_dir():
        facts, weights_hash = facts_of_folder(path), cache.digest(path, _components(path))
    else:
        facts, weights_hash = facts_of_file(path), cache.digest_file(path)
    fixed = {"architecture": facts["architecture"], "weights_hash": weights_hash}
    told = {**named(path, weights_hash), **facts, **said_of(path, ModelSpec)}
    return _checked(ModelSpec(**{**_HABITS, **told, **fixed}))


def _components(folder: Path) -> Iterator[str]:
    """The parts of a pipeline that decide an image's bits."""
    for name in ("unet", "vae", "text_encoder", "text_encoder_2", "tokenizer", "tokenizer_2", "scheduler"):
        if (folder / name).is_dir():
            yield name


def _checked(spec: ModelSpec) -> ModelSpec:
    check_name(spec.name)
    sampler = SAMPLERS.get(spec.default_sampler)
    if sampler is None or spec.default_schedule not in sampler.schedules:
        raise ValueError(f"{spec.default_sampler} on {spec.default_schedule} is no sampler and schedule")
    return spec
