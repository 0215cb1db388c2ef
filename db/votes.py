"""⭐: a member's favourites, which are votes where the rules of the picture's server allow it.

A vote counts where it is somebody else's than the picture's, from an account that was old enough when it
voted, and from a member who is not banned from the server. That is asked of the rows each time; what came of
it stands in the gallery's entry (`db.gallery.recount`).
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, cast, delete, exists, func, select
from sqlalchemy.orm import Session
from sqlalchemy.types import Double

from core.moderation import SanctionKind
from db.clock import now
from db.gallery_tables import GalleryEntryRow, VoteRow
from db.moderation_tables import SanctionRow
from db.once import insert_once
from db.tables import JobRow

#: An account's id holds the milliseconds since the first second of 2015, when it was made, above 22 bits:
#: https://discord.com/developers/docs/reference#snowflakes
_SNOWFLAKE_UNIT = 2**22
_DISCORD_EPOCH_S = 1_420_070_400.0


def star(session: Session, job_id: str, member_id: int) -> bool:
    """Note a member's ⭐; False where it is there. `db.gallery.recount` follows, in the same transaction."""
    lock_votes(session, job_id)
    return insert_once(session, VoteRow, job_id=job_id, member_id=member_id)


def unstar(session: Session, job_id: str, member_id: int) -> bool:
    """Take it back; False where there is none. `db.gallery.recount` follows."""
    lock_votes(session, job_id)
    gone = session.execute(
        delete(VoteRow)
        .where(VoteRow.job_id == job_id, VoteRow.member_id == member_id)
        .returning(VoteRow.job_id)
        .execution_options(synchronize_session=False)
    )
    return gone.first() is not None


def has_starred(session: Session, job_id: str, member_id: int) -> bool:
    return session.get(VoteRow, (job_id, member_id)) is not None


def forget_votes(session: Session, job_id: str) -> None:
    """Drop all of a job's, as the job is erased."""
    session.execute(delete(VoteRow).where(VoteRow.job_id == job_id))


def counted_votes(min_account_days: int, *, until: float | None = None) -> ColumnElement[int]:
    """Votes that count for the gallery entry of the enclosing query, given until a time, as a subquery."""
    entry, vote, ban = GalleryEntryRow, VoteRow, SanctionRow
    made_at = cast(vote.member_id, Double) / _SNOWFLAKE_UNIT / 1000.0 + _DISCORD_EPOCH_S
    banned = exists().where(
        and_(
            ban.guild_id == entry.guild_id,
            ban.member_id == vote.member_id,
            ban.kind == SanctionKind.BAN,
            ban.lifted_at.is_(None),
            ban.expires_at.is_(None) | (ban.expires_at > now()),
        )
    )
    return (
        select(func.count())
        .select_from(vote)
        .where(
            vote.job_id == entry.job_id,
            vote.member_id != entry.member_id,
            vote.created_at - made_at >= min_account_days * 86_400.0,
            ~banned.correlate(entry, vote),
            vote.created_at <= (now() if until is None else until),
        )
        .correlate(entry)
        .scalar_subquery()
    )


def lock_votes(session: Session, job_id: str) -> None:
    """Votes of one job, and the publishing of it, come one after the other: else counts would miss some."""
    session.execute(select(JobRow.id).where(JobRow.id == job_id).with_for_update(key_share=True))
