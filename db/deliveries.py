"""What the bot owes members: results under a lease with a fencing token, and progress to show meanwhile."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from core.jobs import JobState
from db.clock import now
from db.credit import Credit, credit_of
from db.images import StoredImage, images_of
from db.jobs import Job, job_of
from db.tables import DeliveryKind, DeliveryRow, DeliveryState, JobRow


@dataclass(frozen=True)
class DeliveryClaim:
    """The fencing token of a delivery."""

    delivery_id: int
    attempt: int


@dataclass(frozen=True, kw_only=True)
class DueDelivery:
    """A job that has ended, to be shown to its member."""

    claim: DeliveryClaim
    kind: DeliveryKind
    job: Job
    #: All stored pictures of the job, results and grid.
    images: tuple[StoredImage, ...]
    #: Whose published picture it was made of.
    credit: Credit | None
    #: Seconds since the job was submitted: an interaction token lives for 15 minutes.
    age_s: float


@dataclass(frozen=True, kw_only=True)
class JobProgress:
    """A running job whose version has moved."""

    job: Job
    version: int
    age_s: float


def claim_deliveries(session: Session, bot_id: str, *, lease_s: float, limit: int) -> list[DueDelivery]:
    """Take up to `limit` deliveries that are due, the oldest first, those of a bot that died included."""
    due = or_(
        and_(DeliveryRow.state == DeliveryState.DUE, DeliveryRow.due_at <= now()),
        and_(DeliveryRow.state == DeliveryState.CLAIMED, DeliveryRow.lease_until < now()),
    )
    rows = session.scalars(
        select(DeliveryRow)
        .where(due)
        .order_by(DeliveryRow.due_at, DeliveryRow.id)
        .limit(limit)
        .with_for_update(skip_locked=True, key_share=True)
        .execution_options(populate_existing=True)
    ).all()
    for row in rows:
        _update(
            session,
            row.id,
            state=DeliveryState.CLAIMED,
            attempt=DeliveryRow.attempt + 1,
            bot_id=bot_id,
            lease_until=now() + lease_s,
        )
        session.refresh(row)
    return [_due(session, row) for row in rows]


def renew_deliveries(session: Session, claims: Collection[DeliveryClaim], lease_s: float) -> None:
    """Extend the leases of those claims that still hold."""
    for claim in claims:
        _write(session, claim, lease_until=now() + lease_s)


def delivered(session: Session, claim: DeliveryClaim, message_id: int | None) -> bool:
    """The member can see it. False for a stale claim: another bot has it."""
    return _close(session, claim, DeliveryState.DELIVERED, message_id=message_id)


def undeliverable(session: Session, claim: DeliveryClaim, reason: str) -> bool:
    """Discord will never take it; the job stays settled and in the member's history."""
    return _close(session, claim, DeliveryState.UNDELIVERABLE, reason=reason)


def defer_delivery(session: Session, claim: DeliveryClaim, delay_s: float, reason: str) -> bool:
    """Try again after `delay_s` seconds."""
    values = {"state": DeliveryState.DUE, "lease_until": None, "due_at": now() + delay_s, "reason": reason}
    return _write(session, claim, **values)


def deliver_again(session: Session, job_id: str) -> None:
    """Have the bot make a job's message anew: what it shows has changed."""
    session.execute(
        update(DeliveryRow)
        .where(DeliveryRow.job_id == job_id, DeliveryRow.kind == DeliveryKind.RESULT)
        .values(state=DeliveryState.DUE, lease_until=None, due_at=now(), finished_at=None)
    )


def undelivered(session: Session, job_ids: Collection[str]) -> dict[str, str]:
    """By job id: why Discord did not take a result, for those jobs where it never will."""
    rows = session.execute(
        select(DeliveryRow.job_id, DeliveryRow.reason).where(
            DeliveryRow.job_id.in_(job_ids), DeliveryRow.state == DeliveryState.UNDELIVERABLE
        )
    )
    return {job_id: reason or "" for job_id, reason in rows.tuples()}


def progress_since(session: Session, seen: Mapping[str, int]) -> list[JobProgress]:
    """Running jobs whose progress version is not the one in `seen` (by job id)."""
    rows = session.execute(
        select(JobRow, now() - JobRow.created_at)
        .where(JobRow.state == JobState.RUNNING, JobRow.deleted_at.is_(None))
        .order_by(JobRow.created_at)
    )
    return [
        JobProgress(job=job_of(row), version=row.progress_version, age_s=age_s)
        for row, age_s in rows
        if seen.get(row.id) != row.progress_version
    ]


def unfinished_jobs(session: Session) -> dict[str, JobState]:
    """The state of every job that waits or runs, by id, the oldest first."""
    rows = session.execute(
        select(JobRow.id, JobRow.state)
        .where(JobRow.state.in_([JobState.QUEUED, JobState.RUNNING]), JobRow.deleted_at.is_(None))
        .order_by(JobRow.created_at)
    )
    return dict(rows.tuples().all())


def _due(session: Session, row: DeliveryRow) -> DueDelivery:
    job, age_s = session.execute(
        select(JobRow, now() - JobRow.created_at).where(JobRow.id == row.job_id)
    ).one()
    return DueDelivery(
        claim=DeliveryClaim(row.id, row.attempt),
        kind=row.kind,
        job=job_of(job),
        images=tuple(images_of(session, row.job_id, kind=None)),
        credit=credit_of(session, parent_id=job.parent_id, member_id=job.member_id),
        age_s=age_s,
    )


def _close(session: Session, claim: DeliveryClaim, state: DeliveryState, **values: object) -> bool:
    return _write(session, claim, state=state, lease_until=None, finished_at=now(), **values)


def _write(session: Session, claim: DeliveryClaim, **values: object) -> bool:
    row = session.execute(
        update(DeliveryRow)
        .where(
            DeliveryRow.id == claim.delivery_id,
            DeliveryRow.attempt == claim.attempt,
            DeliveryRow.state == DeliveryState.CLAIMED,
        )
        .values(**values)
        .returning(DeliveryRow.id)
        .execution_options(synchronize_session=False)
    ).first()
    return row is not None


def _update(session: Session, delivery_id: int, **values: object) -> None:
    session.execute(update(DeliveryRow).where(DeliveryRow.id == delivery_id).values(**values))
