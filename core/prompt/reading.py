"""What a prompt says at one step of the sampler."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from core.prompt.tree import (
    AdapterTag,
    Alternated,
    Break,
    Choice,
    Nodes,
    Prompt,
    Switched,
    Text,
    Weighted,
)


@dataclass(frozen=True, kw_only=True)
class Piece:
    """Words of one weight."""

    text: str
    weight: float = 1.0


#: Pieces, in runs between one BREAK and the next.
Reading = tuple[tuple[Piece, ...], ...]


def reading_at(prompt: Prompt, step: int, steps: int) -> Reading:
    """What is read at `step` (0-based) of `steps`; its choices must have been drawn."""
    runs: list[list[Piece]] = [[]]
    for piece in _pieces(prompt.nodes, 1.0, step, steps):
        if piece is None:
            runs.append([])
        else:
            runs[-1].append(piece)
    return tuple(tuple(_merged(run)) for run in runs)


def readings(prompt: Prompt, steps: int) -> tuple[Reading, ...]:
    """What is read at each of `steps`; only steps that can differ are worked out."""
    moments = sorted(_moment(when, steps) for when in prompt.switches)
    known: dict[tuple[int, int], Reading] = {}
    found = []
    for step in range(steps):
        phase = step % prompt.period, sum(moment <= step for moment in moments)
        if phase not in known:
            known[phase] = reading_at(prompt, step, steps)
        found.append(known[phase])
    return tuple(found)


def _merged(run: list[Piece]) -> Iterator[Piece]:
    """Neighbours of one weight as one text, as if there were no brackets in it."""
    for weight, pieces in groupby(run, key=lambda piece: piece.weight):
        yield Piece(text="".join(piece.text for piece in pieces), weight=weight)


def _moment(when: float | int, steps: int) -> int:
    """The first step of what comes after a switch."""
    # 0.29 * 100 is a hair below 29.
    return when if isinstance(when, int) else int(when * steps + 1e-6)


def _pieces(nodes: Nodes, weight: float, step: int, steps: int) -> Iterator[Piece | None]:
    """Pieces, and None for each BREAK."""
    for node in nodes:
        match node:
            case Text(text=text):
                yield Piece(text=text, weight=weight)
            case Break():
                yield None
            case Weighted(inner=inner, weight=factor):
                yield from _pieces(inner, weight * factor, step, steps)
            case Switched(before=before, after=after, when=when):
                yield from _pieces(before if step < _moment(when, steps) else after, weight, step, steps)
            case Alternated(options=options):
                yield from _pieces(options[step % len(options)], weight, step, steps)
            case Choice():
                raise ValueError("a choice has to be drawn before it is read")
            case AdapterTag():
                pass
