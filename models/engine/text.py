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
from core.words import N_
from models.adapters.laid import Laid, for_part
from models.engine.api import ImageFailed
from models.engine.chunks import Chunk
from models.engine.clip import ClipEncoder, Encoded
from models.engine.inversion import Inversion, Inversions
from models.engine.prompts import TextEmbeddings

#: Chunks of all different texts that the steps of one image read: half a gigabyte for the largest encoders.
_MAX_CHUNKS_IN_ALL = 256


class PromptEncoder:
    """The text encoders of a model, side by side: their hidden states are joined number by number, and the
    last one's pooled text is the model's."""

    def __init__(self, *encoders: ClipEncoder, zero_empty_negative: bool = False) -> None:
        """`zero_empty_negative`: a missing negative prompt is read as zeros, as SDXL was trained."""
        self._encoders = encoders
        self.zero_empty_negative = zero_empty_negative

    def encode_prompts(
        self,
        words: Spoken,
        guided: bool,
        inversions: Sequence[Inversion] = (),
        adapters: Sequence[Laid] = (),
    ) -> TextSchedule:
        """What the UNet reads of a text stage; the negative prompt only where a stage is guided.

        Args:
            inversions: textual inversions that the words may name.
            adapters: what is laid over the text encoders.
        """
        return TextSchedule(self, words, guided=guided, inversions=Inversions(inversions), adapters=adapters)

    def chunks(self, reading: Reading, inversions: Inversions) -> list[list[Chunk]]:
        """Each text encoder's chunks.

        Raises:
            ImageFailed: the prompt is too long, or names an inversion for another kind of model.
        """
        return [encoder.chunker.chunks(reading, inversions) for encoder in self._encoders]

    def encode(
        self, chunks: Sequence[Sequence[Chunk]], clip_skip: int, count: int, adapters: Sequence[Laid] = ()
    ) -> Encoded:
        """Each text encoder's chunks, filled up to `count` with empty ones. Raises ImageFailed."""
        said = [
            _encode(encoder, [*own, *[encoder.chunker.empty] * (count - len(own))], clip_skip, adapters)
            for encoder, own in zip(self._encoders, chunks, strict=True)
        ]
        return Encoded(hidden=torch.cat([one.hidden for one in said], dim=-1), pooled=said[-1].pooled)


def _encode(
    encoder: ClipEncoder, chunks: Sequence[Chunk], clip_skip: int, adapters: Sequence[Laid]
) -> Encoded:
    own = for_part(adapters, encoder.part)
    said = [encoder.encode(chunk, clip_skip, own) for chunk in chunks]
    return Encoded(hidden=torch.cat([one.hidden for one in said], dim=1), pooled=said[0].pooled)


class TextSchedule:
    """The text of one image over the steps of a denoise stage; encoded once the number of steps is known."""

    def __init__(
        self,
        encoder: PromptEncoder,
        words: Spoken,
        *,
        guided: bool,
        inversions: Inversions,
        adapters: Sequence[Laid] = (),
    ) -> None:
        self._encoder = encoder
        self._words = words
        self._guided = guided
        self._inversions = inversions
        self._adapters = adapters
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
        chunks = {one: self._encoder.chunks(one, self._inversions) for one in different}
        count = max(len(own) for each in chunks.values() for own in each)
        if count * len(different) > _MAX_CHUNKS_IN_ALL:
            raise ImageFailed(
                N_("The prompt is too long to change so often. Shorten it, or let it change less.")
            )
        clip_skip = self._words.clip_skip
        said = {one: self._encoder.encode(chunks[one], clip_skip, count, self._adapters) for one in different}
        if not self._guided:
            return [_embeddings(said[one], None) for one in positive]
        if self._encoder.zero_empty_negative and not self._words.negative_text.strip():
            return [_embeddings(said[one], _zeros_like(said[one])) for one in positive]
        return [_embeddings(said[one], said[other]) for one, other in zip(positive, negative, strict=True)]


def _zeros_like(said: Encoded) -> Encoded:
    pooled = None if said.pooled is None else torch.zeros_like(said.pooled)
    return Encoded(hidden=torch.zeros_like(said.hidden), pooled=pooled)


def _embeddings(positive: Encoded, negative: Encoded | None) -> TextEmbeddings:
    return TextEmbeddings(
        positive=positive.hidden,
        negative=negative.hidden if negative else None,
        pooled_positive=positive.pooled,
        pooled_negative=negative.pooled if negative else None,
    )
