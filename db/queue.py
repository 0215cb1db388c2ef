"""Where a job stands in the queue, and when its pictures can be expected."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.jobs import JobState
from db.tables import JobRow

#: Finished jobs that the speed is learnt from.
_SAMPLE = 20


@dataclass(frozen=True, kw_only=True)
class QueuePosition:
    """1 is next; 0 is running."""

    position: int
    #: Queued jobs before it.
    ahead: int
    #: Seconds until it is done, or None while nothing is known about this studio's speed.
    eta_s: float | None


@dataclass(frozen=True, kw_only=True)
class QueueSize:
    queued: int
    running: int


def queue_position(session: Session, job_id: str) -> QueuePosition | None:
    """Position and estimate of an unfinished job, None for any other.

    The estimate takes the median speed of the last finished jobs, each as slow as it was in the company it
    had, and supposes that as many run side by side as do now.
    """
    row = session.scalar(select(JobRow).where(JobRow.id == job_id).execution_options(populate_existing=True))
    if row is None or row.state not in (JobState.QUEUED, JobState.RUNNING):
        return None
    seconds_per_work = _seconds_per_work(session, row.model)
    left = row.work * (1 - row.step / row.total_steps) if row.total_steps else row.work
    if row.state == JobState.RUNNING:
        return QueuePosition(position=0, ahead=0, eta_s=_seconds(left, seconds_per_work))
    ahead, work_ahead = _ahead(session, row)
    shared = work_ahead / max(1, queue_size(session).running)
    return QueuePosition(position=ahead + 1, ahead=ahead, eta_s=_seconds(left + shared, seconds_per_work))


def queue_size(session: Session) -> QueueSize:
    counts = dict(
        session.execute(
            select(JobRow.state, func.count())
            .where(JobRow.state.in_([JobState.QUEUED, JobState.RUNNING]))
            .group_by(JobRow.state)
        )
        .tuples()
        .all()
    )
    return QueueSize(queued=counts.get(JobState.QUEUED, 0), running=counts.get(JobState.RUNNING, 0))


def _ahead(session: Session, row: JobRow) -> tuple[int, float]:
    """Jobs before this one in the order of turns, and the work in them and in those that run."""
    before = (JobRow.turn < row.turn) | ((JobRow.turn == row.turn) & (JobRow.created_at < row.created_at))
    count, queued_work = session.execute(
        select(func.count(), func.coalesce(func.sum(JobRow.work), 0.0)).where(
            JobRow.state == JobState.QUEUED, before
        )
    ).one()
    running = select(JobRow.work, JobRow.step, JobRow.total_steps).where(JobRow.state == JobState.RUNNING)
    running_work = sum(
        work * (1 - step / max(1, total)) for work, step, total in session.execute(running).tuples()
    )
    return count, queued_work + running_work


def _seconds_per_work(session: Session, model: str) -> float | None:
    """Median seconds for one UNet call on one pixel."""
    recent = session.scalars(
        select((JobRow.finished_at - JobRow.started_at) / JobRow.work)
        .where(
            JobRow.state == JobState.DONE,
            # A job that was interrupted says little about the speed.
            JobRow.attempt == 1,
            JobRow.model == model,
        )
        .order_by(JobRow.finished_at.desc())
        .limit(_SAMPLE)
    )
    known = [speed for speed in recent if speed is not None]
    return median(known) if known else None


def _seconds(work: float, seconds_per_work: float | None) -> float | None:
    return None if seconds_per_work is None else work * seconds_per_work
