"""What the keeper looks after: lost leases, doorbells that nobody answered, orphans and old secrets."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from core.jobs import FINAL_STATES, JobState
from core.words import N_
from db.claims import give_back
from db.clock import now
from db.erased import forget_erased
from db.inputs import forget_held
from db.tables import JobRow
from db.worker_tables import WorkerRow

#: Shown when a job was given up because its worker died each time.
_CRASHED = N_("The worker stopped each time it tried this one. Your credits are back.")

#: An interaction token lives for 15 minutes and is of no use to anyone after that.
_TOKEN_LIFE_S = 900.0

#: A worker that has not been seen for a day will not come back under this id.
_WORKER_KEPT_S = 86400.0


def expire_leases(session: Session) -> list[str]:
    """Take back jobs whose lease ran out; each is suspect from now on, so it runs alone.

    Only a suspect that loses its lease again was alone when it did, and only that counts toward dead.

    Returns:
        Ids of the jobs that are queued again, for their doorbells.
    """
    return _take_back_where(session, JobRow.lease_until < now())


def take_back_from(session: Session, worker_id: str) -> list[str]:
    """The same for all jobs of a worker that is known to be dead, without waiting for their leases."""
    return _take_back_where(session, JobRow.worker_id == worker_id)


def _take_back_where(session: Session, lost: ColumnElement[bool]) -> list[str]:
    rows = session.scalars(
        select(JobRow)
        .where(JobRow.state == JobState.RUNNING, lost)
        .order_by(JobRow.id)
        .with_for_update(skip_locked=True, key_share=True)
        .execution_options(populate_existing=True)
    ).all()
    return [row.id for row in rows if _take_back(session, row) == JobState.QUEUED]


def _take_back(session: Session, row: JobRow) -> JobState:
    return give_back(session, row, _CRASHED, counts=row.suspect, losses=row.losses + 1, suspect=True)


def unanswered(session: Session, older_than_s: float, limit: int = 100) -> list[str]:
    """Queued jobs that could have been claimed for so long that their doorbell may be lost, oldest first."""
    waiting = (
        select(JobRow.id)
        .where(JobRow.state == JobState.QUEUED, JobRow.available_at < now() - older_than_s)
        .order_by(JobRow.created_at)
        .limit(limit)
    )
    return list(session.scalars(waiting))


def existing_jobs(session: Session, job_ids: Collection[str]) -> set[str]:
    """Those of the ids that are jobs with pictures to keep; objects of all others are orphans."""
    kept = select(JobRow.id).where(JobRow.id.in_(job_ids), JobRow.deleted_at.is_(None))
    return set(session.scalars(kept))


def forget_stale(session: Session) -> None:
    """Drop what is of no use any more: old interaction tokens, pictures held too long, workers long gone."""
    forget_held(session)
    forget_erased(session)
    session.execute(
        update(JobRow)
        .where(
            JobRow.interaction_token.is_not(None),
            JobRow.state.in_(FINAL_STATES),
            JobRow.created_at < now() - _TOKEN_LIFE_S,
        )
        .values(interaction_token=None)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        delete(WorkerRow)
        .where(WorkerRow.seen_at < now() - _WORKER_KEPT_S)
        .execution_options(synchronize_session=False)
    )
