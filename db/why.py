"""What is before a job in the queue, in numbers that name nobody."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from core.jobs import JobState
from db.account_tables import AccountTierRow
from db.claiming import STARVATION_S
from db.clock import now
from db.tables import AccountRow, JobRow
from db.turns import before
from db.worker_tables import WorkerModelRow


@dataclass(frozen=True, kw_only=True)
class Ahead:
    """Counts of queued jobs and of the members whose they are; 0 for a job that is running."""

    #: Jobs of the same member whose turn is before.
    own: int
    #: Jobs of others whose turn is before, and how many others.
    others: int
    members: int
    #: How many of those have a larger share of the workers.
    heavier: int
    #: Members behind who have waited over a minute without a picture, and so go first.
    starved: int
    #: Jobs of the same turn that go first since their model is loaded already.
    loaded: int
    #: The member's running jobs, and how many their tier lets run at once (None: any number).
    running: int
    running_limit: int | None
    #: The member's share of the workers relative to others; 1 is usual.
    weight: float

    @property
    def at_limit(self) -> bool:
        """The member's own running jobs keep it waiting."""
        return self.running_limit is not None and self.running >= self.running_limit


def what_is_ahead(session: Session, job_id: str) -> Ahead:
    """Raises sqlalchemy.exc.NoResultFound where there is no such job."""
    row = session.scalars(select(JobRow).where(JobRow.id == job_id)).one()
    account = session.get_one(AccountRow, row.account_id)
    limit = session.scalar(select(AccountTierRow.running).where(AccountTierRow.account_id == account.id))
    waits = row.state == JobState.QUEUED
    earlier = before(row)
    others = earlier & (JobRow.account_id != account.id)
    return Ahead(
        own=_jobs(session, earlier & (JobRow.account_id == account.id)) if waits else 0,
        others=_jobs(session, others) if waits else 0,
        members=_members(session, others) if waits else 0,
        heavier=_members(session, others & (AccountRow.weight > account.weight)) if waits else 0,
        starved=_members(session, ~earlier & _starved(account.id)) if waits else 0,
        loaded=_jobs(session, _loaded_first(row)) if waits else 0,
        running=_count(session, JobRow.account_id == account.id, JobState.RUNNING),
        running_limit=limit,
        weight=account.weight,
    )


def _starved(account_id: int) -> ColumnElement[bool]:
    """Others' jobs that are taken whatever their turn (`db.claiming`)."""
    since = now() - STARVATION_S
    unserved = or_(AccountRow.served_at.is_(None), AccountRow.served_at < since)
    return (JobRow.account_id != account_id) & (JobRow.created_at < since) & unserved


def _loaded_first(row: JobRow) -> ColumnElement[bool]:
    loaded = select(WorkerModelRow.name).where(WorkerModelRow.resident)
    return (
        (JobRow.turn == row.turn)
        & (JobRow.created_at > row.created_at)
        & (JobRow.model != row.model)
        & JobRow.model.in_(loaded)
    )


def _jobs(session: Session, which: ColumnElement[bool]) -> int:
    return _count(session, which, JobState.QUEUED)


def _count(session: Session, which: ColumnElement[bool], state: JobState) -> int:
    return session.scalars(select(func.count()).where(JobRow.state == state, which)).one()


def _members(session: Session, which: ColumnElement[bool]) -> int:
    query = (
        select(func.count(JobRow.member_id.distinct()))
        .join(AccountRow, AccountRow.id == JobRow.account_id)
        .where(JobRow.state == JobState.QUEUED, which)
    )
    return session.scalars(query).one()
