"""Work that would hold others up for long, done in slices: between two of them the engine goes its rounds."""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeVar

T = TypeVar("T")

#: Yields between its slices, and returns what it made.
Slices = Generator[None, None, T]


def whole(slices: Slices[T]) -> T:
    """What all slices make, one right after the other."""
    while True:
        try:
            next(slices)
        except StopIteration as end:
            return end.value
