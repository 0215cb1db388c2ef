"""What a model is called, and what the JSON file beside it says of it."""

from __future__ import annotations

import logging
import re
from dataclasses import fields
from pathlib import Path
from typing import Any

from models.facts import Facts, read_object

logger = logging.getLogger(__name__)

#: What Automatic1111's web UI writes where a model has no VAE of its own choice.
_NO_VAE = ("Automatic", "None")
#: Its name for them, with commas between.
_TRIGGER_WORDS = "activation text"


def named(path: Path, weights_hash: str) -> Facts:
    """Name and title by what a file or folder is called; what a name can't spell is told by the hash."""
    title = path.name.removesuffix(".safetensors")
    slug = re.sub(r"[^a-z0-9.]+", "-", title.lower()).strip("-.")
    if not slug or any(char.isalnum() and not char.isascii() for char in title):
        slug = f"{slug[:51]}-{weights_hash[:8]}".strip("-.")
    return {"name": slug[:60].rstrip("-."), "title": title}


def said_of(path: Path, spec: type[Any]) -> Facts:
    """The fields of a ModelSpec or AddonSpec that `atelier.json` in a folder, or `<name>.json` beside a file,
    sets. Web UIs keep notes of their own there, which are left alone.

    Raises:
        ValueError: it holds no object.
        OSError: it can't be read.
    """
    about = path / "atelier.json" if path.is_dir() else path.with_suffix(".json")
    said = read_object(about) if about.exists() else {}
    known = {field.name for field in fields(spec)}
    if others := sorted(said.keys() - known - {_TRIGGER_WORDS}):
        logger.info("%s says what is not known here: %s", about, ", ".join(others))
    told = {name: value for name, value in said.items() if name in known}
    if told.get("vae") in _NO_VAE:
        del told["vae"]
    words = [word.strip() for word in str(said.get(_TRIGGER_WORDS, "")).split(",")]
    if "trigger_words" in known and any(words):
        told.setdefault("trigger_words", [word for word in words if word])
    return told


def check_name(name: str) -> None:
    """Raises ValueError."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{0,59}", name):
        raise ValueError(f"{name!r} is no name: use a-z, 0-9, dot and dash, up to 60 characters")
