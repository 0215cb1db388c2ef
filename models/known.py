"""The catalogue of models that can be fetched by name (`models/known.toml`)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from core.errors import AtelierError

#: Licences that ask nothing of whoever runs a model, but to be kept with copies of it.
_FREE = frozenset({"MIT", "Apache-2.0", "BSD-3-Clause", "CC0-1.0"})
_CATALOGUE = Path(__file__).with_name("known.toml")


class NotKnown(AtelierError):
    """There is no such model in the catalogue."""


@dataclass(frozen=True, kw_only=True)
class KnownFile:
    """A file on the hub, pinned."""

    #: In its repository.
    path: str
    sha256: str
    bytes: int
    #: Its path in the model's folder; "" where the file is the whole model.
    to: str = ""


@dataclass(frozen=True, kw_only=True)
class KnownModel:
    """A model on the hub, pinned: a file, or several that make a folder."""

    name: str
    title: str
    #: The folder below a model directory where it belongs ("base", or an AddonKind).
    kind: str
    #: "owner/repository", and its revision.
    hub: str
    revision: str
    files: tuple[KnownFile, ...]
    licence: str
    licence_url: str
    #: Fields of its ModelSpec or AddonSpec that its files do not tell.
    limits: dict[str, Any] = field(default_factory=dict)

    @property
    def bytes(self) -> int:
        return sum(file.bytes for file in self.files)

    @property
    def is_folder(self) -> bool:
        return len(self.files) > 1

    @property
    def is_free(self) -> bool:
        """Whether its licence needs no acceptance."""
        return self.licence in _FREE


def known_models(catalogue: Path = _CATALOGUE) -> list[KnownModel]:
    """All of them, in the catalogue's order."""
    with catalogue.open("rb") as file:
        entries = tomllib.load(file)
    return [
        KnownModel(name=name, **{**entry, "files": tuple(KnownFile(**file) for file in entry["files"])})
        for name, entry in entries.items()
    ]


def known_model(name: str, catalogue: Path = _CATALOGUE) -> KnownModel:
    """The model of this name. Raises NotKnown, which tells of near ones."""
    models = {model.name: model for model in known_models(catalogue)}
    if name in models:
        return models[name]
    near = get_close_matches(name.casefold(), models, n=3, cutoff=0.5) or list(models)
    raise NotKnown(f"No model {name} is known. There are: {', '.join(near)}.")
