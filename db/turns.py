"""Whose job is next: weighted round-robin over accounts, as start-time fair queueing.

Every job gets a *turn* when it is submitted (its start tag in Goyal, Vin & Cheng, "Start-time Fair
Queueing", 1996), and the queue runs in the order of turns. A job's turn is where the queue has come to, or
right behind the account's own last job, whichever is later. Each job moves its account back by
`price / weight`, so members take turns in proportion to what they use, however many jobs one of them submits,
and whoever was idle gains nothing. As a turn never changes, the next job is one step into an index, with
thousands in the queue.
"""

from __future__ import annotations

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from core.jobs import JobState
from db.tables import AccountRow, JobRow


def next_turn(session: Session, account_id: int) -> float:
    """Turn of a job that the account submits now. The caller holds the account's row."""
    reached = session.scalar(select(func.max(JobRow.turn)).where(JobRow.started_at.is_not(None)))
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
    return max(reached or 0.0, behind_own or 0.0)


def lock_weight(session: Session, account_id: int) -> float:
    """Hold the account's row until the transaction ends, so that its submits get turns one after another."""
    return session.scalars(
        select(AccountRow.weight).where(AccountRow.id == account_id).with_for_update(key_share=True)
    ).one()
