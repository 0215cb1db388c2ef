"""Which language a member or a server chose."""

from __future__ import annotations

from actions.studio import Studio
from core.preferences import LANGUAGE, Level
from core.words import languages
from db.settings import values_of


def language_of_member(studio: Studio, member_id: int) -> str | None:
    """The member's own choice; None where they made none."""
    return _chosen(studio, Level.MEMBER, member_id)


def language_here(studio: Studio, guild_id: int) -> str | None:
    """The server's choice; None where it made none."""
    return _chosen(studio, Level.SERVER, guild_id)


def _chosen(studio: Studio, level: Level, owner_id: int) -> str | None:
    with studio.database.read() as session:
        chosen = values_of(session, level, owner_id).get(LANGUAGE)
    # A catalogue may have gone since.
    return chosen if chosen in languages() else None
