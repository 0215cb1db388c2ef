"""A record of who did what to what. It only grows: triggers keep its rows (migration 0012)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import ColumnElement, String, cast, or_, select
from sqlalchemy.orm import Session

from db.moderation_tables import AuditRow


@dataclass(frozen=True, kw_only=True)
class AuditEntry:
    id: int
    #: The member who did it; 0 once they had themselves erased.
    actor_id: int
    #: E.g. "job.delete".
    action: str
    #: What it was done to, e.g. a job's or a member's id.
    subject: str
    detail: dict[str, Any] | None
    guild_id: int | None
    #: Seconds since 1970 by the database's clock.
    created_at: float


def record(
    session: Session,
    actor_id: int,
    action: str,
    subject: str,
    detail: dict[str, Any] | None = None,
    *,
    guild_id: int | None = None,
) -> None:
    """Note that a member (`actor_id`) did `action` (e.g. "job.delete") to `subject` (e.g. a job id)."""
    row = AuditRow(actor_id=actor_id, action=action, subject=subject, detail=detail, guild_id=guild_id)
    session.add(row)
    session.flush()


def is_about(member_id: int) -> ColumnElement[bool]:
    """Whether an entry names the member other than as who did it."""
    name = str(member_id)
    return or_(AuditRow.subject == name, cast(AuditRow.detail, String).contains(name))


def search(
    session: Session,
    guild_id: int,
    *,
    actor_id: int | None = None,
    words: str = "",
    before: int | None = None,
    limit: int | None = None,
) -> Iterator[AuditEntry]:
    """What was done in a server, the newest first.

    Args:
        actor_id: only by this member.
        words: only where action, subject or detail hold this text, in any case.
        before: only entries with a smaller id.
    """
    query = select(AuditRow).where(AuditRow.guild_id == guild_id)
    if actor_id is not None:
        query = query.where(AuditRow.actor_id == actor_id)
    if words:
        places = (AuditRow.action, AuditRow.subject, cast(AuditRow.detail, String))
        query = query.where(or_(*(place.icontains(words, autoescape=True) for place in places)))
    if before is not None:
        query = query.where(AuditRow.id < before)
    rows = session.scalars(query.order_by(AuditRow.id.desc()).limit(limit).execution_options(yield_per=500))
    for row in rows:
        yield AuditEntry(**{field.name: getattr(row, field.name) for field in fields(AuditEntry)})
