"""Look through what was done in a server, and take it along as a file."""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from actions.export import Exported, hand_over
from actions.person import Person
from actions.rights import Verb, server_where
from actions.studio import Studio
from core.text import clean_text
from db.audit import AuditEntry, search

PAGE_SIZE = 12
MAX_WORDS_CHARACTERS = 100


@dataclass(frozen=True, kw_only=True)
class AuditPage:
    #: The newest first.
    entries: tuple[AuditEntry, ...]
    #: Where the next, older page starts; None on the last one.
    older: int | None


def audit(
    studio: Studio, person: Person, *, actor_id: int | None = None, words: str = "", before: int | None = None
) -> AuditPage:
    """Entries of the person's server, searched as `db.audit.search` does. Raises NotAllowed."""
    words = clean_text("words", words, limit=MAX_WORDS_CHARACTERS)
    with studio.database.read() as session:
        guild_id = server_where(session, person, Verb.MODERATE)
        found = list(
            search(session, guild_id, actor_id=actor_id, words=words, before=before, limit=PAGE_SIZE + 1)
        )
    page = tuple(found[:PAGE_SIZE])
    return AuditPage(entries=page, older=page[-1].id if len(found) > PAGE_SIZE else None)


def export_audit(
    studio: Studio, person: Person, *, actor_id: int | None = None, words: str = "", limit: int
) -> Exported:
    """All such entries as JSON lines, the newest first. Blocks on the storage.

    Args:
        limit: as `actions.export.export`.

    Raises:
        NotAllowed: the person does not moderate here.
        StorageError: the storage failed.
    """
    words = clean_text("words", words, limit=MAX_WORDS_CHARACTERS)
    with tempfile.NamedTemporaryFile(suffix=".jsonl") as file:
        with studio.database.read() as session:
            guild_id = server_where(session, person, Verb.MODERATE)
            for entry in search(session, guild_id, actor_id=actor_id, words=words):
                file.write(json.dumps(asdict(entry), ensure_ascii=False).encode() + b"\n")
        file.flush()
        return hand_over(studio, person, Path(file.name), "application/jsonl", limit=limit)
