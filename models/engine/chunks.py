"""Readings of a prompt to chunks of tokens, each as long as a text encoder reads at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from transformers import CLIPTokenizer

from core.prompt.reading import Piece, Reading
from core.words import N_
from models.engine.api import ImageFailed
from models.engine.inversion import Inversions, Vector

#: Chunks that one prompt may fill: 2400 tokens where 75 fill one.
MAX_CHUNKS = 32


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """Tokens of one call of the text encoder: start mark, up to 75 of the prompt, end mark, padding."""

    tokens: tuple[int | Vector, ...]
    #: Of each token; marks and padding weigh 1.
    weights: tuple[float, ...]
    #: Marks and tokens of the prompt; padding follows.
    used: int


@dataclass(frozen=True, kw_only=True)
class _Unit:
    """Tokens that stay together: one of the tokenizer's, or all of a textual inversion's."""

    tokens: tuple[int | Vector, ...]
    weight: float


class Chunker:
    """Cuts readings into chunks for one text encoder."""

    def __init__(self, tokenizer: CLIPTokenizer, width: int) -> None:
        """`width`: numbers of a token's vector."""
        self._tokenizer = tokenizer
        self._width = width
        self._length = tokenizer.model_max_length - 2

    def chunks(self, reading: Reading, inversions: Inversions) -> list[Chunk]:
        """At least one chunk. A BREAK ends a chunk early; runs without a token add none.

        Raises:
            ImageFailed: the prompt is too long, or an inversion is not made for this text encoder.
        """
        chunks = [
            self._chunk(units) for run in reading for units in self._filled(self._units(run, inversions))
        ]
        if len(chunks) > MAX_CHUNKS:
            most = MAX_CHUNKS * self._length
            raise ImageFailed(
                N_("The prompt is too long: up to {most} tokens (about {words} words) fit."),
                most=most,
                words=most * 3 // 4,
            )
        return chunks or [self.empty]

    @property
    def empty(self) -> Chunk:
        """A chunk without words."""
        return self._chunk([])

    def _units(self, run: Iterable[Piece], inversions: Inversions) -> Iterator[_Unit]:
        for piece in run:
            for part in inversions.split(piece.text, self._width):
                if isinstance(part, tuple):
                    # At 0 it is not there, as a LoRA is not; the words behind would hear it all the same.
                    if piece.weight:
                        yield _Unit(tokens=part, weight=piece.weight)
                else:
                    tokens = self._tokenizer(part, add_special_tokens=False, verbose=False).input_ids
                    yield from (_Unit(tokens=(token,), weight=piece.weight) for token in tokens)

    def _filled(self, units: Iterable[_Unit]) -> Iterator[list[_Unit]]:
        """Units in lists that fill a chunk each; the last one may be shorter."""
        filling: list[_Unit] = []
        room = self._length
        for unit in units:
            if len(unit.tokens) > room:
                yield filling
                filling, room = [], self._length
            filling.append(unit)
            room -= len(unit.tokens)
        if filling:
            yield filling

    def _chunk(self, units: Iterable[_Unit]) -> Chunk:
        start, end, padding = (
            self._tokenizer.bos_token_id,
            self._tokenizer.eos_token_id,
            self._tokenizer.pad_token_id,
        )
        tokens, weights = [start], [1.0]
        for unit in units:
            tokens += unit.tokens
            weights += [unit.weight] * len(unit.tokens)
        used = len(tokens) + 1
        free = self._length + 2 - used
        return Chunk(
            tokens=(*tokens, end, *[padding] * free), weights=(*weights, *[1.0] * (free + 1)), used=used
        )
