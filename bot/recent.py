"""What came lately, so that what comes once more is known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")

#: How many are remembered, the newest ones.
_REMEMBERED = 10_000


class Recent(Generic[T]):
    def __init__(self) -> None:
        #: The oldest first.
        self._known: dict[T, None] = {}

    def add(self, one: T) -> bool:
        """Remember it; False where it is remembered already."""
        if one in self._known:
            return False
        self._known[one] = None
        if len(self._known) > _REMEMBERED:
            del self._known[next(iter(self._known))]
        return True

    def discard(self, one: T) -> None:
        """Forget it, where it is remembered."""
        self._known.pop(one, None)

    def discard_all(self, which: Callable[[T], bool]) -> None:
        """Forget those that `which` names."""
        self._known = {one: None for one in self._known if not which(one)}
