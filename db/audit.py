"""A record of who did what to what."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from db.tables import AuditRow


def record(
    session: Session, actor_id: int, action: str, subject: str, detail: dict[str, Any] | None = None
) -> None:
    """Note that a member (`actor_id`) did `action` (e.g. "job.delete") to `subject` (e.g. a job id)."""
    session.add(AuditRow(actor_id=actor_id, action=action, subject=subject, detail=detail))
    session.flush()
