"""What actions need besides the person: built once by the entry point and passed to each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from actions.word_lists import WordLists
from core.prompt.wildcard_files import WildcardFiles
from core.storage import Storage
from db.engine import Database


@dataclass(frozen=True, kw_only=True)
class Studio:
    database: Database
    storage: Storage
    #: Tells the workers that there is work, given a job id; returns at once and never raises.
    ring: Callable[[str], object]
    #: Credits of a new account.
    starting_credits: int
    #: Where seeds come from.
    rng: Random
    #: What each server's prompts may not say.
    word_lists: WordLists = field(default_factory=WordLists)
    #: What `__name__` in a prompt is drawn from.
    wildcards: WildcardFiles = field(default_factory=WildcardFiles)
