"""What a worker reports of the jobs that it has claimed (`db.claiming`).

A claim is a lease on a job together with the fencing token `(id, attempt)`, which stands in the WHERE clause
of every write that follows. Whoever was too slow touches no row, gets False (or None) and stops.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, select, tuple_, update
from sqlalchemy.orm import Session

from core.jobs import MAX_ATTEMPTS, ImageKind, JobState
from db.clock import now
from db.endings import end_job, requeue
from db.images import NewImage
from db.jobs import Job
from db.once import insert_once
from db.tables import ImageRow, JobRow


@dataclass(frozen=True)
class Claim:
    """The fencing token."""

    job_id: str
    attempt: int


@dataclass(frozen=True, kw_only=True)
class ClaimedJob:
    job: Job
    #: Result images that an earlier attempt finished; they are kept and not made again.
    done_images: frozenset[int]
    #: For an exact rerun: the recipe (JSON) to follow, by image index.
    replays: Mapping[int, dict[str, Any]]

    @property
    def claim(self) -> Claim:
        return Claim(self.job.id, self.job.attempt)


@dataclass(frozen=True, kw_only=True)
class RenewResult:
    #: Claims that still hold; a worker stops what is missing here.
    alive: frozenset[Claim]
    #: Those among them that somebody asked to cancel; end them with `cancel_done`.
    cancelled: frozenset[Claim]


def renew(session: Session, claims: Collection[Claim], lease_s: float) -> RenewResult:
    """Extend the leases of all claims that still hold, and learn which are to be cancelled."""
    if not claims:
        return RenewResult(alive=frozenset(), cancelled=frozenset())
    tokens = [(claim.job_id, claim.attempt) for claim in claims]
    rows = session.execute(
        update(JobRow)
        .where(JobRow.state == JobState.RUNNING, tuple_(JobRow.id, JobRow.attempt).in_(tokens))
        .values(lease_until=now() + lease_s)
        .returning(JobRow.id, JobRow.attempt, JobRow.cancel_requested)
        .execution_options(synchronize_session=False)
    ).all()
    return RenewResult(
        alive=frozenset(Claim(job_id, attempt) for job_id, attempt, _ in rows),
        cancelled=frozenset(Claim(job_id, attempt) for job_id, attempt, cancel in rows if cancel),
    )


def progress(session: Session, claim: Claim, step: int, total_steps: int) -> bool:
    """Record UNet calls made and to make, all images together."""
    moved = session.execute(
        update(JobRow)
        .where(_holds(claim))
        .values(
            step=step,
            total_steps=total_steps,
            progress_version=JobRow.progress_version + 1,
        )
        .returning(JobRow.id)
        .execution_options(synchronize_session=False)
    ).first()
    return moved is not None


def complete_image(session: Session, claim: Claim, image: NewImage) -> bool:
    """Settle one stored picture: from now on it is kept, and a result is paid for.

    Returns:
        False where the claim no longer holds or the job was deleted: the object has no row. Repeating a
        picture that was settled before changes nothing and is True.
    """
    row = _held(session, claim)
    if row is None or row.deleted_at is not None:
        return False
    values = {**vars(image), "job_id": claim.job_id}
    if insert_once(session, ImageRow, **values):
        session.execute(
            update(JobRow)
            .where(JobRow.id == row.id)
            .values(
                images_done=JobRow.images_done + int(image.kind == ImageKind.RESULT),
                images_held=JobRow.images_held + int(image.held),
                progress_version=JobRow.progress_version + 1,
            )
        )
    return True


def finish(session: Session, claim: Claim, *, note: str | None = None) -> bool:
    """The job is done. Images that are not there were withheld: they are refunded, and `note` says why."""
    return _end(session, claim, JobState.DONE, note)


def fail(session: Session, claim: Claim, reason: str) -> bool:
    """The job can never be done; `reason` is for the member."""
    return _end(session, claim, JobState.FAILED, reason)


def cancel_done(session: Session, claim: Claim) -> bool:
    """The worker has stopped a job that was to be cancelled; finished images stay and are delivered."""
    return _end(session, claim, JobState.CANCELLED, None)


def retry(
    session: Session, claim: Claim, reason: str, *, counts: bool, delay_s: float = 0.0
) -> JobState | None:
    """Give a job back for another attempt, not before `delay_s` seconds.

    An error of its own row `counts`, and after MAX_ATTEMPTS of them the job is dead and `reason` (for the
    member) its last word. Trouble that is not its fault (storage down, a companion's crash) does not count.

    Returns:
        QUEUED, DEAD, or CANCELLED where that was asked for meanwhile; None for a stale claim.
    """
    row = _held(session, claim)
    if row is None:
        return None
    return give_back(session, row, reason, counts=counts, delay_s=delay_s)


def release(session: Session, claim: Claim) -> bool:
    """Give a job back at a clean shutdown; counts nothing."""
    return retry(session, claim, "", counts=False) is not None


def give_back(
    session: Session, row: JobRow, reason: str, *, counts: bool, delay_s: float = 0.0, **changes: object
) -> JobState:
    """Queue a locked running job again, or end it where it was cancelled or has used up its attempts."""
    counted = row.counted_attempts + counts
    if row.cancel_requested:
        end_job(session, row, JobState.CANCELLED)
        return JobState.CANCELLED
    if counted >= MAX_ATTEMPTS:
        end_job(session, row, JobState.DEAD, error=reason, counted_attempts=counted, **changes)
        return JobState.DEAD
    requeue(session, row, delay_s=delay_s, counted_attempts=counted, **changes)
    return JobState.QUEUED


def _end(session: Session, claim: Claim, state: JobState, error: str | None) -> bool:
    row = _held(session, claim)
    if row is not None:
        end_job(session, row, state, error=error)
    return row is not None


def _held(session: Session, claim: Claim) -> JobRow | None:
    """The claim's job, locked, while the claim holds."""
    return session.scalar(
        select(JobRow)
        .where(_holds(claim))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )


def _holds(claim: Claim) -> ColumnElement[bool]:
    return and_(JobRow.id == claim.job_id, JobRow.attempt == claim.attempt, JobRow.state == JobState.RUNNING)
