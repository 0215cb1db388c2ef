"""Textual inversions (Gal et al. 2022): words that were learnt as vectors, from their files into a prompt.

Nothing is added to a tokenizer or a text encoder. An inversion's vectors have token numbers above those of
the vocabulary, which only the chunks of prompts that name it hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from models.engine.api import ImageFailed

#: Names of the tensors in A1111's files and in Stable Diffusion XL's, which has one for each text encoder.
_KNOWN_TENSORS = ("emb_params", "clip_l", "clip_g")
MAX_VECTORS = 75


@dataclass(frozen=True, kw_only=True, eq=False)
class Inversion:
    """A word by the name of its file."""

    name: str
    #: Width of a text encoder to the vectors for it, (vectors, width).
    vectors: Mapping[int, torch.Tensor]


def read_inversion(path: Path) -> Inversion:
    """Read a `.safetensors` file as A1111 or diffusers writes it.

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
    vectors = [tensor[None] if tensor.ndim == 1 else tensor for tensor in found]
    if not vectors or any(tensor.ndim != 2 or not 1 <= len(tensor) <= MAX_VECTORS for tensor in vectors):
        raise ValueError(f"{path.name} is no textual inversion of up to {MAX_VECTORS} vectors")
    if not all(tensor.is_floating_point() and tensor.isfinite().all() for tensor in vectors):
        raise ValueError(f"{path.name} holds values that are no numbers")
    return Inversion(name=path.stem, vectors={tensor.shape[1]: tensor.float() for tensor in vectors})


class Inversions:
    """The inversions that one text encoder can be told, and their token numbers."""

    def __init__(self, inversions: Iterable[Inversion], *, first_token: int, width: int) -> None:
        """`first_token`: number above those of the vocabulary; `width`: of the text encoder's vectors."""
        self._width = width
        #: Vectors (width,) by token number, less `first_token`.
        self._vectors: list[torch.Tensor] = []
        self._first = first_token
        self._by_name = {one.name.casefold(): one for one in inversions}
        self._tokens = {name: self._number(one) for name, one in self._by_name.items()}
        # Longer names first: "ink-wash" is not "ink".
        names = "|".join(re.escape(name) for name in sorted(self._by_name, key=len, reverse=True))
        # Its name as a word of its own, or as diffusers spells it, in pointed brackets.
        self._pattern = re.compile(rf"<(?:{names})>|(?<![\w-])(?:{names})(?![\w-])", re.IGNORECASE)

    def split(self, text: str) -> Iterator[str | tuple[int, ...]]:
        """The text in pieces: plain text, and token numbers in place of each inversion.

        Raises:
            ImageFailed: an inversion was made for text encoders of another width.
        """
        at = 0
        for found in self._pattern.finditer(text) if self._by_name else ():
            if found.start() > at:
                yield text[at : found.start()]
            yield self._named(found[0].strip("<>").casefold())
            at = found.end()
        if at < len(text):
            yield text[at:]

    def vector(self, token: int) -> torch.Tensor | None:
        """What the token stands for, (width,); None for the vocabulary's own."""
        return self._vectors[token - self._first] if token >= self._first else None

    def _number(self, inversion: Inversion) -> tuple[int, ...]:
        start = self._first + len(self._vectors)
        self._vectors += inversion.vectors.get(self._width, torch.empty(0, self._width)).unbind()
        return tuple(range(start, self._first + len(self._vectors)))

    def _named(self, name: str) -> tuple[int, ...]:
        if not self._tokens[name]:
            inversion = self._by_name[name]
            widths = " and ".join(map(str, inversion.vectors))
            raise ImageFailed(
                f"The textual inversion {inversion.name} was made for another kind of model: its vectors have"
                f" {widths} numbers, and this model's words have {self._width}."
            )
        return self._tokens[name]
