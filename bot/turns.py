"""One edit of a job's message at a time, so that a late progress edit can't overwrite the result."""

from __future__ import annotations

import asyncio
from weakref import WeakValueDictionary


class Turns:
    """A lock for each interaction, forgotten once nobody holds or awaits it."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    def of(self, interaction_id: int) -> asyncio.Lock:
        """The lock of the message that answers this interaction (every job keeps its interaction's id)."""
        lock = self._locks.get(interaction_id)
        if lock is None:
            lock = self._locks[interaction_id] = asyncio.Lock()
        return lock
