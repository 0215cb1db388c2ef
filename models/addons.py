"""What lies in the model directories besides base models: ControlNets, IP-Adapters, preprocessors, maskers.

An add-on of a kind lies in the folder of that name below a model directory (`<directory>/controlnet/canny`,
`<directory>/lora/ink.safetensors`): a folder or a single safetensors file. What an optional `atelier.json` in
the folder, or `<name>.json` beside the file, says of it (any field of the AddonSpec but kind and hash) wins
over what its tensors tell.
"""

from __future__ import annotations

import importlib
import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.addon_spec import PREPROCESSORS, AddonKind, AddonSpec
from core.errors import AtelierError
from models.beside import check_name, named, said_of
from models.files.header import read_header
from models.hashes import HashCache

logger = logging.getLogger(__name__)

#: Kinds whose entries are read by a module: `facts(path)` returns fields of the AddonSpec, and raises
#: ValueError, OSError or BadWeights for what is no add-on of its kind; "beside" is what it works with.
_READERS = {
    AddonKind.CAPTIONER: "models.captions",
    AddonKind.CONTROLNET: "models.control.files",
    AddonKind.EMBEDDING: "models.engine.inversion",
    AddonKind.FACE_RESTORER: "models.restorers.files",
    AddonKind.IP_ADAPTER: "models.references.files",
    AddonKind.LORA: "models.adapters.files",
    AddonKind.LYCORIS: "models.adapters.files",
    AddonKind.PREVIEW_VAE: "models.files.preview_vae",
    AddonKind.UPSCALER: "models.upscalers.files",
    AddonKind.VAE: "models.files.vae",
}


@dataclass(frozen=True, kw_only=True)
class LocalAddon:
    """An add-on on this machine's disk."""

    spec: AddonSpec
    #: A folder or a file; None where it needs neither.
    path: Path | None
    #: Another folder or file without which it can't work.
    beside: Path | None = None

    @property
    def bytes(self) -> int:
        """Size of its weights."""
        return sum(file.stat().st_size for file in _weights(self.path, self.beside))


def find_addons(model_dirs: Iterable[Path], *, hash_cache: Path | None = None) -> list[LocalAddon]:
    """Every add-on in the directories; where two of a kind share a name, the first found counts.

    What is no add-on, or can't be read, is left out with a line in the log.

    Args:
        hash_cache: file that remembers hashes between starts.
    """
    directories, cache = list(model_dirs), HashCache(hash_cache)
    found: dict[tuple[AddonKind, str], LocalAddon] = {}
    for addon in (*_read(directories, cache), *_tools(directories, cache)):
        first = found.setdefault((addon.spec.kind, addon.spec.name), addon)
        if first is not addon:
            logger.warning("%s is left out: %s has its name too", addon.path, first.path)
    cache.save()
    return list(found.values())


def entries_of_kind(model_dirs: Iterable[Path], kind: str) -> list[Path]:
    """Folders and safetensors files in `<directory>/<kind>`, or that folder itself where it is one add-on."""
    entries: list[Path] = []
    for directory in model_dirs:
        folder = directory / kind
        if (folder / "config.json").exists():
            entries.append(folder)
        elif folder.is_dir():
            entries += sorted(
                path
                for path in folder.iterdir()
                if not path.name.startswith(".")
                and (path.is_dir() or path.suffix == ".safetensors")
                # Part of the IP-Adapters that lie beside it.
                and path.name != "image_encoder"
            )
    return entries


def _weights(*parts: Path | None) -> Iterator[Path]:
    """The weight files in these folders, and those that are files themselves."""
    for part in parts:
        if part is not None:
            yield from part.rglob("*.safetensors") if part.is_dir() else [part]


def _check(part: Path | None) -> None:
    """Raises BadWeights or OSError: a weight file's head can't be trusted."""
    for file in _weights(part):
        # A face detector is none. Variants in a folder (`*.fp16.*`) and what a Mac leaves there are not read.
        if file.suffix == ".safetensors" and (file == part or "." not in file.stem):
            read_header(file)


def _read(directories: list[Path], cache: HashCache) -> Iterator[LocalAddon]:
    for kind, module in _READERS.items():
        for path in entries_of_kind(directories, kind):
            with _leaving_out(path):
                _check(path)
                facts = importlib.import_module(module).facts(path)
                beside = facts.pop("beside", None)
                _check(beside)
                weights_hash = cache.digest_all([path] if beside is None else [path, beside])
                told = {**named(path, weights_hash), **facts, **said_of(path, AddonSpec)}
                spec = AddonSpec.from_json({**told, "kind": kind, "weights_hash": weights_hash})
                check_name(spec.name)
                yield LocalAddon(spec=spec, path=path, beside=beside)


def _tools(directories: list[Path], cache: HashCache) -> Iterator[LocalAddon]:
    """Preprocessors and maskers: known by their names, there where their weights are."""
    from models.control.preprocessors import find_preprocessors
    from models.masks import TITLES, find_maskers

    found: list[tuple[AddonKind, Mapping[str, str], Mapping[str, Path | None]]] = [
        (AddonKind.PREPROCESSOR, PREPROCESSORS, find_preprocessors(directories)),
        (AddonKind.MASKER, TITLES, dict(find_maskers(directories))),
    ]
    for kind, titles, paths in found:
        for name, path in paths.items():
            with _leaving_out(path):
                _check(path)
                told: dict[str, Any] = {"kind": kind, "name": name, "title": titles[name]}
                if path is not None:
                    told = {**said_of(path, AddonSpec), **told, "weights_hash": cache.digest_all([path])}
                yield LocalAddon(spec=AddonSpec.from_json(told), path=path)


@contextmanager
def _leaving_out(path: Path | None) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError, KeyError, TypeError, AtelierError) as error:
        logger.warning("%s is left out: %s", path, error)
