"""Who used how much."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.clock import now
from db.tables import JobRow


@dataclass(frozen=True, kw_only=True)
class Usage:
    """What one member used."""

    member_id: int
    jobs: int
    pictures: int
    credits: int


def usage(session: Session, *, guild_id: int | None, days: int, limit: int) -> list[Usage]:
    """Members by the credits that their pictures of the last days cost, the most first; None: everywhere.

    Deleted jobs count: they were drawn.
    """
    credits = func.sum(JobRow.image_price * JobRow.images_done)
    query = (
        select(JobRow.member_id, func.count(), func.sum(JobRow.images_done), credits)
        .where(JobRow.created_at > now() - days * 86_400.0, JobRow.images_done > 0)
        .group_by(JobRow.member_id)
        .order_by(credits.desc(), JobRow.member_id)
        .limit(limit)
    )
    if guild_id is not None:
        query = query.where(JobRow.guild_id == guild_id)
    return [
        Usage(member_id=member_id, jobs=jobs, pictures=int(pictures), credits=int(spent))
        for member_id, jobs, pictures, spent in session.execute(query).tuples()
    ]
