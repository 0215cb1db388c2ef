"""Servers' word lists, compiled once for each change of theirs."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from sqlalchemy.orm import Session

from core.wordlist import WordList
from db.filter_rules import revision_of, rules_of

#: Servers whose lists are kept compiled: a few megabytes each, if they are long.
_KEPT = 64


class WordLists:
    """Safe to share between threads."""

    def __init__(self) -> None:
        self._compiled: OrderedDict[int, tuple[tuple[int, int], WordList]] = OrderedDict()
        self._lock = Lock()

    def of(self, session: Session, guild_id: int) -> WordList:
        """The server's list as it is now."""
        revision = revision_of(session, guild_id)
        with self._lock:
            known = self._compiled.get(guild_id)
            if known is not None and known[0] == revision:
                self._compiled.move_to_end(guild_id)
                return known[1]
        compiled = WordList(rules_of(session, guild_id))
        with self._lock:
            self._compiled[guild_id] = (revision, compiled)
            while len(self._compiled) > _KEPT:
                self._compiled.popitem(last=False)
        return compiled
