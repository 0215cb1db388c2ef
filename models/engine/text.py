"""Prompts to text embeddings: the one file where a prompt gets its meaning for a model.

Prompts longer than a text encoder reads are cut into chunks of 75 tokens with marks of their own, encoded one
by one and laid end to end. Prompt and negative prompt get the same number of chunks at every step; empty ones
fill up.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from core.prompt.reading import Reading, readings
from core.prompt.spoken import Spoken
from models.engine.api import ImageFailed
from models.engine.clip import ClipEncoder, Encoded
from models.engine.prompts import TextEmbeddings

#: Chunks of all different texts that the steps of one image read: half a gigabyte for the largest encoders.
_MAX_CHUNKS_IN_ALL = 256


class PromptEncoder:
    """The text encoders of a model, side by side: their hidden states are joined number by number, and the
    last one's pooled text is the model's."""

    def __init__(self, *encoders: ClipEncoder) -> None:
        self._encoders = encoders

    def encode_prompts(self, words: Spoken, guided: bool) -> TextSchedule:
        """What the UNet reads of a text stage; the negative prompt only where a stage is guided."""
        return TextSchedule(self, words, guided=guided)

    def chunk_count(self, reading: Reading) -> int:
        """Raises ImageFailed where the prompt is too long or names an inversion for another kind of model."""
        return max(len(encoder.chunker.chunks(reading)) for encoder in self._encoders)

    def encode(self, reading: Reading, clip_skip: int, chunks: int) -> Encoded:
        """The reading, filled up to so many chunks. Raises ImageFailed."""
        said = [_encode(encoder, reading, clip_skip, chunks) for encoder in self._encoders]
        return Encoded(hidden=torch.cat([one.hidden for one in said], dim=-1), pooled=said[-1].pooled)


def _encode(encoder: ClipEncoder, reading: Reading, clip_skip: int, chunks: int) -> Encoded:
    parts = encoder.chunker.chunks(reading)
    parts += [encoder.chunker.empty] * (chunks - len(parts))
    said = [encoder.encode(part, clip_skip) for part in parts]
    return Encoded(hidden=torch.cat([one.hidden for one in said], dim=1), pooled=said[0].pooled)


class TextSchedule:
    """The text of one image over the steps of a denoise stage; encoded once the number of steps is known."""

    def __init__(self, encoder: PromptEncoder, words: Spoken, *, guided: bool) -> None:
        self._encoder = encoder
        self._words = words
        self._guided = guided
        #: Number of steps to what each of them reads.
        self._known: dict[int, Sequence[TextEmbeddings]] = {}

    def tokens(self, steps: int) -> int:
        """Tokens of every embedding over so many steps, negative ones too. Raises ImageFailed."""
        return self._over(steps)[0].positive.shape[1]

    def at(self, step: int, steps: int) -> TextEmbeddings:
        """What is read at `step` (0-based) of `steps`. Raises ImageFailed."""
        return self._over(steps)[min(step, steps - 1)]

    def _over(self, steps: int) -> Sequence[TextEmbeddings]:
        if steps not in self._known:
            self._known[steps] = self._encoded(max(1, steps))
        return self._known[steps]

    def _encoded(self, steps: int) -> Sequence[TextEmbeddings]:
        positive = readings(self._words.prompt, steps)
        negative = readings(self._words.negative, steps) if self._guided else ()
        different = dict.fromkeys([*positive, *negative])
        chunks = max(map(self._encoder.chunk_count, different))
        if chunks * len(different) > _MAX_CHUNKS_IN_ALL:
            raise ImageFailed("The prompt is too long to change so often. Shorten it, or let it change less.")
        said = {one: self._encoder.encode(one, self._words.clip_skip, chunks) for one in different}
        if not self._guided:
            return [_embeddings(said[one], None) for one in positive]
        return [_embeddings(said[one], said[other]) for one, other in zip(positive, negative, strict=True)]


def _embeddings(positive: Encoded, negative: Encoded | None) -> TextEmbeddings:
    return TextEmbeddings(
        positive=positive.hidden,
        negative=negative.hidden if negative else None,
        pooled_positive=positive.pooled,
        pooled_negative=negative.pooled if negative else None,
    )
