"""Whose job is next: weighted round-robin over accounts, as start-time fair queueing.

Every job gets a *turn* when it is submitted (its start tag in Goyal, Vin & Cheng, "Start-time Fair
Queueing", 1996), and the queue runs in the order of turns. A job's turn is where the queue has come to, or
right behind the account's own last job, whichever is later. Each job moves its account back by
`price / weight`, so members take turns in proportion to what they use, however many jobs one of them submits,
and whoever was idle gains nothing. As a turn never changes, the next job is one step into an index, with
thousands in the queue.

Some jobs start before their turn: those of a member who waited too long, or of the one model that a worker
has. So the queue has come no further than to the first job that could start now.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from core.jobs import JobState
from db.clock import now
from db.routing import someone_can_do
from db.tables import AccountRow, JobRow


def next_turn(session: Session, account_id: int) -> float:
    """Turn of a job that the account submits now. The caller holds the account's row."""
    # A job that was cancelled in the queue used nothing, so it does not hold its account back.
    behind_own = session.scalar(
        select(JobRow.turn + JobRow.share)
        .where(
            JobRow.account_id == account_id,
            or_(JobRow.started_at.is_not(None), JobRow.state == JobState.QUEUED),
        )
        .order_by(JobRow.turn.desc())
        .limit(1)
    )
    return max(_reached(session), behind_own or 0.0)


def _reached(session: Session) -> float:
    """Where the queue has come to."""
    started = session.scalar(select(func.max(JobRow.turn)).where(JobRow.started_at.is_not(None)))
    # A job that nobody can run, or not yet, may wait for days, and says nothing about the others.
    first_waiting = session.scalar(
        select(JobRow.turn)
        .where(JobRow.state == JobState.QUEUED, JobRow.available_at <= now(), someone_can_do())
        .order_by(JobRow.turn)
        .limit(1)
    )
    return min((turn for turn in (started, first_waiting) if turn is not None), default=0.0)


def before(row: JobRow) -> ColumnElement[bool]:
    """Whether a job of the query has its turn before this one."""
    return (JobRow.turn < row.turn) | ((JobRow.turn == row.turn) & (JobRow.created_at < row.created_at))


def lock_weight(session: Session, account_id: int) -> float:
    """Hold the account's row until the transaction ends, so that its submits get turns one after another."""
    return session.scalars(
        select(AccountRow.weight).where(AccountRow.id == account_id).with_for_update(key_share=True)
    ).one()
