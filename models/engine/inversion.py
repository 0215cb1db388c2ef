"""Textual inversions (Gal et al. 2022): words that were learnt as vectors, from their files into a prompt.

Nothing is added to a tokenizer or a text encoder: the chunks of the prompts that name an inversion hold its
vectors in place of token numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open

from core.needs import embedding_key, embedding_pattern
from core.words import N_
from models.engine.api import ImageFailed
from models.files.families import family_of
from models.files.header import BadWeights, Header, read_header

#: Names of the tensors in A1111's files and in Stable Diffusion XL's, which has one for each text encoder.
_KNOWN_TENSORS = ("emb_params", "clip_l", "clip_g")
MAX_VECTORS = 75
#: Far wider than any text encoder.
_MAX_WIDTH = 8192


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
        header = read_header(path)
        names = _tables(header)
        if not names:
            raise ValueError(f"{path.name} is no textual inversion of up to {MAX_VECTORS} vectors")
        with safe_open(path, framework="pt") as file:
            tensors = [file.get_tensor(name) for name in names]
    except (BadWeights, SafetensorError, OSError) as error:
        raise ValueError(f"{path.name} can't be read: {error}") from error
    tables = [tensor[None] if tensor.ndim == 1 else tensor for tensor in tensors]
    if not all(table.is_floating_point() and table.isfinite().all() for table in tables):
        raise ValueError(f"{path.name} holds values that are no numbers")
    vectors = {table.shape[1]: tuple(Vector(values=row) for row in table.float()) for table in tables}
    return Inversion(name=name or path.stem, vectors=vectors)


def _tables(header: Header) -> list[str]:
    """The tensors with the vectors, which the head tells before anything is read; [] where there are none."""
    known = [name for name in _KNOWN_TENSORS if name in header.tensors]
    # diffusers writes one tensor, by the name of its token.
    names = known or (list(header.tensors) if len(header.tensors) == 1 else [])
    return names if all(_is_table(header.shape(name)) for name in names) else []


def _is_table(shape: tuple[int, ...]) -> bool:
    """Whether it is of one vector, or some."""
    return len(shape) in (1, 2) and 1 <= (1, *shape)[-2] <= MAX_VECTORS and shape[-1] <= _MAX_WIDTH


def facts(path: Path) -> dict[str, Any]:
    """What the file tells of a textual inversion: fields of its AddonSpec. Raises ValueError: it is none."""
    inversion = read_inversion(path)
    return {
        "architecture": family_of(sum(inversion.vectors)),
        "trigger_words": (inversion.name,),
    }


class Inversions:
    """The inversions that prompts may name."""

    def __init__(self, inversions: Iterable[Inversion] = ()) -> None:
        self._by_name = {embedding_key(one.name): one for one in inversions}

    def split(self, text: str, width: int) -> Iterator[str | tuple[Vector, ...]]:
        """The text in pieces: plain text, and in place of each inversion its vectors of this width.

        Raises:
            ImageFailed: an inversion was made for text encoders of other widths.
        """
        at = 0
        for found in embedding_pattern(frozenset(self._by_name)).finditer(text):
            if found.start() > at:
                yield text[at : found.start()]
            yield _vectors(self._by_name[embedding_key(found[0])], width)
            at = found.end()
        if at < len(text):
            yield text[at:]


def _vectors(inversion: Inversion, width: int) -> tuple[Vector, ...]:
    if width not in inversion.vectors:
        widths = " and ".join(map(str, inversion.vectors))
        raise ImageFailed(
            N_(
                "The textual inversion {name} was made for another kind of model: its vectors have {widths} "
                "numbers, and this model's words have {width}."
            ),
            name=inversion.name,
            widths=widths,
            width=width,
        )
    return inversion.vectors[width]
