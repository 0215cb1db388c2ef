"""Whose published picture another one was made of."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.gallery import PostKind
from db.gallery import entry_of
from db.gallery_posts import message_of
from db.tables import JobRow


@dataclass(frozen=True, kw_only=True)
class Credit:
    member_id: int
    guild_id: int
    #: Channel and message that show the picture; None where nothing does.
    message: tuple[int, int] | None


def credit_of(session: Session, *, parent_id: str | None, member_id: int) -> Credit | None:
    """For a job of this member's that was made of another: whom it names, if that one is published."""
    entry = None if parent_id is None else entry_of(session, parent_id)
    if entry is None or entry.member_id == member_id:
        return None
    return Credit(
        member_id=entry.member_id,
        guild_id=entry.guild_id,
        message=picture_message(session, entry.job_id, entry.id),
    )


def picture_message(session: Session, job_id: str, entry_id: int) -> tuple[int, int] | None:
    """(channel id, message id) of what shows a published picture: the gallery channel's, else its job's."""
    posted = message_of(session, PostKind.ENTRY, entry_id)
    if posted is not None:
        return posted
    found = session.execute(
        select(JobRow.channel_id, JobRow.placeholder_message_id).where(
            JobRow.id == job_id,
            JobRow.ephemeral.is_(False),
            JobRow.placeholder_message_id.is_not(None),
        )
    ).first()
    return None if found is None else (found.channel_id, found.placeholder_message_id)
