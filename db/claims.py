"""How workers take jobs and report on them.

A claim is a lease on a job together with the fencing token `(id, attempt)`, which stands in the WHERE clause
of every write that follows. Whoever was too slow touches no row, gets False (or None) and stops.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, tuple_, update
from sqlalchemy.orm import Session

from core.errors import AtelierError
from core.jobs import MAX_ATTEMPTS, ImageKind, JobState
from db.clock import now
from db.endings import end_job, requeue
from db.images import NewImage
from db.jobs import Job, job_of
from db.once import insert_once
from db.tables import AccountRow, ImageRow, JobRow, WorkerRow

#: Seconds after which a member goes first: since the job was made, and since one of theirs was last claimed.
STARVATION_S = 60.0

#: Shown when a job was given up because this version does not understand how it was stored.
_UNREADABLE = (
    "It was ordered in another version of Atelier and can't be read any more. Your credits are back."
)


@dataclass(frozen=True)
class Claim:
    """The fencing token."""

    job_id: str
    attempt: int


@dataclass(frozen=True, kw_only=True)
class Abilities:
    """Names of the models that a worker can load, and of those that are loaded now."""

    models: frozenset[str]
    resident: frozenset[str] = frozenset()


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


class UnknownWorker(AtelierError):
    """A worker claimed before it registered, or after it was forgotten."""


def claim_next(
    session: Session, worker_id: str, abilities: Abilities, *, lease_s: float, limit: int
) -> ClaimedJob | None:
    """Take the next job that this worker can run, or None; it never holds more than `limit` at once.

    A job whose request can't be read would come first for ever, so it fails on the way.

    Raises:
        UnknownWorker: call `db.workers.register_worker` first.
    """
    held = _held_suspicions(session, worker_id)
    if len(held) >= limit or any(held):
        return None
    while found := session.execute(_starved(abilities)).first() or session.execute(_next(abilities)).first():
        # A suspect whose turn has come waits until this worker is empty. Nobody overtakes it meanwhile: on a
        # busy worker that moment would never come.
        if found.suspect and held:
            return None
        claimed = _take(session, found.id, worker_id, lease_s)
        if claimed.job.readable:
            return claimed
        fail(session, claimed.claim, _UNREADABLE)
    return None


def _held_suspicions(session: Session, worker_id: str) -> list[bool]:
    """For each job that the worker runs, whether it is suspect."""
    # The row's lock makes its threads claim one after another: none can put company beside a suspect.
    locked = select(WorkerRow.id).where(WorkerRow.id == worker_id).with_for_update(key_share=True)
    if session.scalar(locked) is None:
        raise UnknownWorker(f"Worker {worker_id} is not registered.")
    return list(session.scalars(select(JobRow.suspect).where(JobRow.worker_id == worker_id)))


def _claimable(abilities: Abilities) -> Select[str, bool]:
    # No more than it takes: where PostgreSQL prefers to sort a long queue, whole rows would spill to disk.
    return (
        select(JobRow.id, JobRow.suspect)
        .where(
            JobRow.state == JobState.QUEUED,
            JobRow.available_at <= now(),
            JobRow.model.in_(abilities.models),
        )
        .limit(1)
        .with_for_update(of=JobRow, skip_locked=True, key_share=True)
    )


def _starved(abilities: Abilities) -> Select[str, bool]:
    """The oldest job of a member who has waited too long.

    The wait counts from the member's last claim too. By age alone, an overloaded queue would be first come,
    first served, and whoever submits a hundred jobs would have them all run before anyone else's.
    """
    since = now() - STARVATION_S
    return (
        _claimable(abilities)
        .join(AccountRow, AccountRow.id == JobRow.account_id)
        .where(JobRow.created_at < since, or_(AccountRow.served_at.is_(None), AccountRow.served_at < since))
        .order_by(JobRow.created_at, JobRow.id)
    )


def _next(abilities: Abilities) -> Select[str, bool]:
    """The first in the order of turns; among equals one whose model is loaded, then the oldest."""
    must_load = case((JobRow.model.in_(abilities.resident), 0), else_=1)
    return _claimable(abilities).order_by(JobRow.turn, must_load, JobRow.created_at, JobRow.id)


def _take(session: Session, job_id: str, worker_id: str, lease_s: float) -> ClaimedJob:
    session.execute(
        update(JobRow)
        .where(JobRow.id == job_id)
        .values(
            state=JobState.RUNNING,
            attempt=JobRow.attempt + 1,
            worker_id=worker_id,
            lease_until=now() + lease_s,
            started_at=func.coalesce(JobRow.started_at, now()),
            progress_version=JobRow.progress_version + 1,
        )
    )
    row = session.get_one(JobRow, job_id, populate_existing=True)
    session.execute(update(AccountRow).where(AccountRow.id == row.account_id).values(served_at=now()))
    done = select(ImageRow.index).where(ImageRow.job_id == row.id, ImageRow.kind == ImageKind.RESULT)
    return ClaimedJob(
        job=job_of(row),
        done_images=frozenset(session.scalars(done)),
        replays=_recipes(session, row.replay_of, row.replay_first or 0) if row.replay_of else {},
    )


def _recipes(session: Session, job_id: str, first: int) -> dict[int, dict[str, Any]]:
    """A job's recipes from image `first` on, by their distance from it."""
    rows = session.execute(
        select(ImageRow.index, ImageRow.recipe).where(
            ImageRow.job_id == job_id, ImageRow.kind == ImageKind.RESULT, ImageRow.recipe.is_not(None)
        )
    )
    return {index - first: recipe for index, recipe in rows if recipe is not None}


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
            first_step_at=func.coalesce(JobRow.first_step_at, now()),
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
