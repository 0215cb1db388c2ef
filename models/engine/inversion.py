"""Textual inversions (Gal et al. 2022): words that were learnt as vectors, from their files into a prompt.

Nothing is added to a tokenizer or a text encoder: the chunks of the prompts that name an inversion hold its
vectors in place of token numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from models.engine.api import ImageFailed

#: Names of the tensors in A1111's files and in Stable Diffusion XL's, which has one for each text encoder.
_KNOWN_TENSORS = ("emb_params", "clip_l", "clip_g")
#: Architectures by the widths of their text encoders.
_FAMILIES = {(768,): "sd1", (1024,): "sd2", (768, 1280): "sdxl"}
MAX_VECTORS = 75


@dataclass(frozen=True, kw_only=True, eq=False)
class Vector:
    """What stands in place of a token: (width,)."""

    values: torch.Tensor


@dataclass(frozen=True, kw_only=True, eq=False)
class Inversion:
    """A word, by the name of its file."""

    name: str
    #: Width of a text encoder to the vectors for it.
    vectors: Mapping[int, tuple[Vector, ...]]


def read_inversion(path: Path, name: str | None = None) -> Inversion:
    """Read a `.safetensors` file as A1111 or diffusers writes it; its file's name unless another is given.

    Raises:
        ValueError: it is of another kind, broken, or no textual inversion; the text says which.
    """
    if path.suffix != ".safetensors":
        raise ValueError(f"{path.name} has to be converted to .safetensors first: other kinds may hold code")
    try:
        tensors = load_file(path)
    except (SafetensorError, OSError) as error:
        raise ValueError(f"{path.name} can't be read: {error}") from error
    known = [tensors[name] for name in _KNOWN_TENSORS if name in tensors]
    # diffusers writes one tensor, by the name of its token.
    found = known or (list(tensors.values()) if len(tensors) == 1 else [])
    tables = [tensor[None] if tensor.ndim == 1 else tensor for tensor in found]
    if not tables or any(table.ndim != 2 or not 1 <= len(table) <= MAX_VECTORS for table in tables):
        raise ValueError(f"{path.name} is no textual inversion of up to {MAX_VECTORS} vectors")
    if not all(table.is_floating_point() and table.isfinite().all() for table in tables):
        raise ValueError(f"{path.name} holds values that are no numbers")
    vectors = {table.shape[1]: tuple(Vector(values=row) for row in table.float()) for table in tables}
    return Inversion(name=name or path.stem, vectors=vectors)


def facts(path: Path) -> dict[str, Any]:
    """What the file tells of a textual inversion: fields of its AddonSpec. Raises ValueError: it is none."""
    inversion = read_inversion(path)
    return {
        "architecture": _FAMILIES.get(tuple(sorted(inversion.vectors))),
        "trigger_words": (inversion.name,),
    }


def named_in(text: str, names: Iterable[str]) -> list[str]:
    """Which of the names a text says."""
    known = {_key(name): name for name in names}
    said = {_key(found[0]) for found in _pattern(frozenset(known)).finditer(text)}
    return sorted(known[name] for name in said)


class Inversions:
    """The inversions that prompts may name."""

    def __init__(self, inversions: Iterable[Inversion] = ()) -> None:
        self._by_name = {_key(one.name): one for one in inversions}

    def split(self, text: str, width: int) -> Iterator[str | tuple[Vector, ...]]:
        """The text in pieces: plain text, and in place of each inversion its vectors of this width.

        Raises:
            ImageFailed: an inversion was made for text encoders of other widths.
        """
        at = 0
        for found in _pattern(frozenset(self._by_name)).finditer(text):
            if found.start() > at:
                yield text[at : found.start()]
            yield _vectors(self._by_name[_key(found[0])], width)
            at = found.end()
        if at < len(text):
            yield text[at:]


def _vectors(inversion: Inversion, width: int) -> tuple[Vector, ...]:
    if width not in inversion.vectors:
        widths = " and ".join(map(str, inversion.vectors))
        raise ImageFailed(
            f"The textual inversion {inversion.name} was made for another kind of model: its vectors have"
            f" {widths} numbers, and this model's words have {width}."
        )
    return inversion.vectors[width]


@cache
def _pattern(names: frozenset[str]) -> re.Pattern[str]:
    """A name as a word of its own, or as diffusers spells it, in pointed brackets."""
    if not names:
        return re.compile(r"(?!)")
    # Otherwise "ink" would be found in "ink-wash".
    longest_first = sorted(names, key=len, reverse=True)
    either = "|".join("[-_]+".join(map(re.escape, name.split("-"))) for name in longest_first)
    return re.compile(rf"<(?:{either})>|(?<![\w-])(?:{either})(?![\w-])", re.IGNORECASE)


def _key(name: str) -> str:
    """Files and catalogue may spell a name with capitals or with underscores."""
    return re.sub("[-_]+", "-", name.strip("<>").casefold())
