"""Which of several words to begin a search with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

#: Rows of a word that are counted.
_COUNTED = 1000


def rarest_first(session: Session, words: Sequence[str], rows_of: Callable[[str], Select[Any]]) -> list[str]:
    """Words by how many rows each has: the fewer are walked over, the sooner a page is full."""

    def count(word: str) -> int:
        some = rows_of(word).limit(_COUNTED)
        return session.scalar(select(func.count()).select_from(some.subquery())) or 0

    return sorted(words, key=count) if len(words) > 1 else list(words)
