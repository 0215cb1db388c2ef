"""The end of a job: its final state, its refund and its delivery, in the caller's one transaction."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.orm import Session

from core.jobs import JobState
from db import accounts
from db.clock import now
from db.once import insert_once
from db.routing import drop_needs
from db.speeds import forget_measuring, learn
from db.tables import DeliveryKind, DeliveryRow, JobRow


def end_job(
    session: Session, row: JobRow, state: JobState, *, error: str | None = None, **changes: object
) -> None:
    """End a job whose row the caller has locked; images that are not there are refunded."""
    worker_id = row.worker_id
    session.execute(
        update(JobRow)
        .where(JobRow.id == row.id)
        .values(
            state=state,
            error=error,
            lease_until=None,
            worker_id=None,
            finished_at=now(),
            progress_version=JobRow.progress_version + 1,
            **changes,
        )
    )
    drop_needs(session, row.id)
    missing = row.image_count - row.images_done
    accounts.refund(session, row.account_id, row.id, missing * row.image_price)
    if state == JobState.DONE and not missing and worker_id is not None:
        learn(session, row.id, worker_id)
    else:
        forget_measuring(session, row.id)
    # Nobody waits for a job that its member has deleted.
    if row.deleted_at is None:
        insert_once(session, DeliveryRow, job_id=row.id, kind=DeliveryKind.RESULT)


def requeue(session: Session, row: JobRow, *, delay_s: float = 0.0, **changes: object) -> None:
    """Put a running job that the caller has locked back where it was in the queue."""
    session.execute(
        update(JobRow)
        .where(JobRow.id == row.id)
        .values(
            state=JobState.QUEUED,
            lease_until=None,
            worker_id=None,
            available_at=now() + delay_s,
            progress_version=JobRow.progress_version + 1,
            **changes,
        )
    )
