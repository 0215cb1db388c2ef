"""Which job a worker takes next: the first in the order of turns for which it holds everything."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, case, func, or_, select, update
from sqlalchemy.orm import Session

from core.errors import AtelierError
from core.jobs import ImageKind, JobState
from core.words import N_
from db.claims import ClaimedJob, fail
from db.clock import now
from db.jobs import job_of
from db.routing import can_do
from db.speeds import begin_measuring
from db.switches import is_drained, stopped
from db.tables import AccountRow, ImageRow, JobRow
from db.tiers import full_accounts, may_run_more
from db.worker_tables import WorkerRow

#: Seconds after which a member goes first: since the job was made, and since one of theirs was last claimed.
STARVATION_S = 60.0

#: Shown when a job was given up because this version does not understand how it was stored.
_UNREADABLE = N_(
    "It was ordered in another version of Atelier and can't be read any more. Your credits are back."
)


class UnknownWorker(AtelierError):
    """A worker claimed before it registered, or after it was forgotten."""


def claim_next(
    session: Session, worker_id: str, *, lease_s: float, limit: int, resident: Collection[str] = ()
) -> ClaimedJob | None:
    """Take the next job for which this worker holds all models and add-ons (as it registered them), or None.

    A job whose request can't be read would come first for ever, so it fails on the way.

    Args:
        limit: the worker never holds more jobs than this at once.
        resident: names of the models that are loaded now.

    Raises:
        UnknownWorker: call `db.workers.register_worker` first.
    """
    held = _held_suspicions(session, worker_id)
    if len(held) >= limit or any(held) or is_drained(session, worker_id):
        return None
    while (
        found := session.execute(_starved(worker_id)).first()
        or session.execute(_next(worker_id, resident)).first()
    ):
        # A suspect whose turn has come waits until this worker is empty. Nobody overtakes it meanwhile: on a
        # busy worker that moment would never come.
        if found.suspect and held:
            return None
        if not may_run_more(session, found.account_id):
            continue
        claimed = _take(session, found.id, worker_id, lease_s)
        if claimed.job.readable:
            loaded = claimed.job.request.model in resident
            begin_measuring(session, claimed.job.id, worker_id, loaded=loaded)
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


def _claimable(worker_id: str) -> Select[str, bool, int]:
    # No more than it takes: where PostgreSQL prefers to sort a long queue, whole rows would spill to disk.
    return (
        select(JobRow.id, JobRow.suspect, JobRow.account_id)
        .where(
            JobRow.state == JobState.QUEUED,
            JobRow.available_at <= now(),
            can_do(worker_id),
            JobRow.account_id.not_in(full_accounts()),
            ~stopped(),
        )
        .limit(1)
        .with_for_update(of=JobRow, skip_locked=True, key_share=True)
    )


def _starved(worker_id: str) -> Select[str, bool, int]:
    """The oldest job of a member who has waited too long.

    The wait counts from the member's last claim too. By age alone, an overloaded queue would be first come,
    first served, and whoever submits a hundred jobs would have them all run before anyone else's.
    """
    since = now() - STARVATION_S
    return (
        _claimable(worker_id)
        .join(AccountRow, AccountRow.id == JobRow.account_id)
        .where(JobRow.created_at < since, or_(AccountRow.served_at.is_(None), AccountRow.served_at < since))
        .order_by(JobRow.created_at, JobRow.id)
    )


def _next(worker_id: str, resident: Collection[str]) -> Select[str, bool, int]:
    """The first in the order of turns; among equals one whose model is loaded, then the oldest."""
    must_load = case((JobRow.model.in_(resident), 0), else_=1)
    return _claimable(worker_id).order_by(JobRow.turn, must_load, JobRow.created_at, JobRow.id)


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
