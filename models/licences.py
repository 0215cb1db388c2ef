"""Whose terms the owner has accepted on this machine, and what waits for it.

The licences of the catalogue (`models/known.toml`) that bind who runs a model, such as OpenRAIL-M, are
accepted once, whichever of their models is meant. What lies in a model directory under one that is not
accepted is told of to the bot, which does not offer it. Free licences ask for nothing; of a file that nobody
knows the licence is unknown, and the owner answers for having put it there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from core.addon_spec import AddonSpec
from core.model_spec import ModelSpec
from models.known import KnownModel, known_models

_ACCEPTED = "accepted.json"
#: Asked with a licence's name and address; True where the owner accepts it.
Ask = Callable[[str, str], bool]
_Spec = TypeVar("_Spec", ModelSpec, AddonSpec)


def folder_of(data_dir: Path) -> Path:
    """Where it is remembered; whoever watches it learns of new answers."""
    return data_dir / "licences"


def accepted(data_dir: Path) -> dict[str, str]:
    """Accepted licences, and when that was (ISO 8601, UTC)."""
    with suppress(OSError, ValueError):
        return dict(json.loads((folder_of(data_dir) / _ACCEPTED).read_text(encoding="utf-8")))
    return {}


def accept(model: KnownModel, data_dir: Path, asks: Ask) -> bool:
    """Ask the owner once for the licence of a model; True where it is accepted, now or before, or free.

    Raises:
        OSError: the answer can't be kept.
    """
    known = accepted(data_dir)
    if model.is_free or model.licence in known:
        return True
    if not asks(model.licence, model.licence_url):
        return False
    folder = folder_of(data_dir)
    folder.mkdir(parents=True, exist_ok=True)
    known[model.licence] = datetime.now(UTC).isoformat(timespec="seconds")
    fresh = folder / f".{_ACCEPTED}"
    fresh.write_text(json.dumps(known, indent=1), encoding="utf-8")
    fresh.replace(folder / _ACCEPTED)
    return True


def licensed(specs: Iterable[_Spec], data_dir: Path) -> list[_Spec]:
    """The same with what the catalogue knows of their licences: where to read them, and whether their terms
    wait for the owner. A file of the catalogue that was put there by hand is known by its hash."""
    catalogue, agreed = known_models(), accepted(data_dir)
    by_hash = {model.files[0].sha256: model for model in catalogue if not model.is_folder}
    by_licence = {model.licence: model for model in catalogue}

    def told(spec: _Spec) -> _Spec:
        own = by_hash.get(spec.weights_hash)
        licence = own.licence if own is not None and spec.licence == "unknown" else spec.licence
        known = by_licence.get(licence)
        if known is None:
            return spec
        waits = not known.is_free and licence not in agreed
        return replace(spec, licence=licence, licence_url=known.licence_url, awaits_terms=waits)

    return [told(spec) for spec in specs]
