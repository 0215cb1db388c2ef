"""Batch widths: the few that a UNet call may have, and the run-length code that recipes keep them in."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from core.recipe import Widths

#: Rows of one UNet call, padding included. Results depend on the width, so that it has to come back exactly
#: on a rerun; few widths let many reruns and new rows share a call.
WIDTHS = (1, 2, 4, 8, 16)


def width_for(rows: int) -> int:
    """The smallest width that holds so many rows, 1..16."""
    return next(width for width in WIDTHS if width >= rows)


def run_lengths(widths: Iterable[int]) -> Widths:
    """(8, 8, 8, 4) to ((8, 3), (4, 1))."""
    return tuple((width, sum(1 for _ in group)) for width, group in groupby(widths))


def expand(widths: Widths) -> tuple[int, ...]:
    """((8, 3), (4, 1)) to (8, 8, 8, 4)."""
    return tuple(width for width, calls in widths for _ in range(calls))
