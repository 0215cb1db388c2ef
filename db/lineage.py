"""Which job was made from which."""

from __future__ import annotations

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from db.jobs import Job, get_job, job_of
from db.seen import Viewer, seen_by
from db.tables import JobRow


def ancestors(session: Session, job: Job, *, limit: int) -> list[Job]:
    """What a job was made from, the first of them first; up to the first that is deleted, or `limit`."""
    found: list[Job] = []
    parent_id = job.parent_id
    while parent_id is not None and len(found) < limit:
        parent = get_job(session, parent_id)
        if parent is None:
            break
        found.append(parent)
        parent_id = parent.parent_id
    return found[::-1]


def children(session: Session, job_id: str, viewer: Viewer, *, limit: int) -> list[Job]:
    """Jobs that were made from one, the oldest first: those that the viewer may see."""
    rows = session.scalars(
        select(JobRow)
        .where(*_made_of(job_id, viewer))
        .order_by(JobRow.created_at, JobRow.id)
        .limit(limit)
        .execution_options(populate_existing=True)
    )
    return [job_of(row) for row in rows]


def count_children(session: Session, job_id: str, viewer: Viewer) -> int:
    """How many such jobs there are."""
    query = select(func.count()).select_from(JobRow).where(*_made_of(job_id, viewer))
    return session.scalars(query).one()


def _made_of(job_id: str, viewer: Viewer) -> tuple[ColumnElement[bool], ...]:
    return (JobRow.parent_id == job_id, JobRow.deleted_at.is_(None), seen_by(viewer))
