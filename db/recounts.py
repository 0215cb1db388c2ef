"""Votes of galleries, counted anew: where bans begin and end, and where a server's rule for them changes."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.engine import Database
from db.gallery import gallery_settings, recount_all
from db.gallery_tables import GalleryEntryRow, VoteRow
from db.votes import counted_votes

#: Entries counted anew in one transaction.
_AT_ONCE = 50


def mend_votes(database: Database, guild_id: int, *, voter_id: int | None = None) -> int:
    """Count anew a server's entries that have another number of votes than count now; how many there were.

    In several transactions, as nobody else can write to a SQLite database meanwhile.

    Args:
        voter_id: only what this member voted for.
    """
    with database.read() as session:
        wrong = _miscounted(session, guild_id, voter_id)
    for first in range(0, len(wrong), _AT_ONCE):
        with database.begin() as session:
            recount_all(session, wrong[first : first + _AT_ONCE])
    return len(wrong)


def _miscounted(session: Session, guild_id: int, voter_id: int | None) -> Sequence[str]:
    """Jobs whose entries have another number of votes than count."""
    entry = GalleryEntryRow
    counted = counted_votes(gallery_settings(session, guild_id).min_account_days)
    wrong = select(entry.job_id).where(entry.guild_id == guild_id, entry.votes != counted)
    if voter_id is not None:
        voted = select(VoteRow.job_id).where(VoteRow.member_id == voter_id)
        wrong = wrong.where(entry.job_id.in_(voted))
    return session.scalars(wrong.order_by(entry.job_id)).all()
