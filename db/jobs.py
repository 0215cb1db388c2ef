"""Jobs as people know them: looking at, cancelling and deleting one."""

from __future__ import annotations

import logging
from dataclasses import dataclass, fields

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from core.inputs import input_key
from core.jobs import FINAL_STATES, JobState
from core.moderation import ImagePolicy
from core.request import Request
from db.clock import now
from db.endings import end_job
from db.gallery import forget_job
from db.inputs import unlink_inputs
from db.job_words import forget_words
from db.removals import remove_messages
from db.tables import DeliveryRow, DeliveryState, ImageRow, JobRow

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Job:
    """A job as it was when it was read. Times are seconds since 1970 by the database's clock."""

    id: str
    account_id: int
    member_id: int
    guild_id: int | None
    channel_id: int
    interaction_id: int
    request: Request
    parent_id: str | None
    replay_of: str | None
    replay_first: int | None
    state: JobState
    image_price: int
    image_count: int
    #: Result images that are stored and paid for.
    images_done: int
    #: How many of them wait for a moderator.
    images_held: int
    image_policy: ImagePolicy
    #: It is shown in age-restricted channels alone.
    age_restricted: bool
    attempt: int
    losses: int
    counted_attempts: int
    suspect: bool
    worker_id: str | None
    cancel_requested: bool
    #: UNet calls made and to make, all images together.
    step: int
    total_steps: int
    progress_version: int
    #: Why it ended without all its images, in words for the member.
    error: str | None
    ephemeral: bool
    #: In which its message speaks (`core.words`).
    language: str
    placeholder_message_id: int | None
    interaction_token: str | None
    created_at: float
    started_at: float | None
    finished_at: float | None
    #: False where `submit` found the job that this interaction had made before.
    created: bool = True
    #: False where the stored request can't be read, e.g. as its sampler was dropped; `request` is a stand-in.
    readable: bool = True

    @property
    def price(self) -> int:
        """Credits held when it was submitted."""
        return self.image_price * self.image_count

    @property
    def charged(self) -> int:
        """Credits that it costs in the end (or so far would): finished images only."""
        return self.image_price * self.images_done

    @property
    def is_final(self) -> bool:
        return self.state in FINAL_STATES

    def __repr__(self) -> str:
        # The interaction token is a secret, and prompts belong in no log.
        return f"Job(id={self.id!r}, state={self.state.value!r}, attempt={self.attempt})"


_COLUMNS = [field.name for field in fields(Job) if field.name not in ("request", "created", "readable")]


def job_of(row: JobRow) -> Job:
    """The row as the other parts may see it."""
    columns = {name: getattr(row, name) for name in _COLUMNS}
    try:
        return Job(request=Request.from_json(row.request), **columns)
    except Exception as error:
        # Whatever another version wrote there, one row must not stop the queue, or hide a whole history.
        logger.warning("the request of job %s can't be read: %s", row.id, type(error).__name__)
        return Job(request=Request.unreadable(row.model), readable=False, **columns)


def get_job(session: Session, job_id: str) -> Job | None:
    """The job, or None where it never was or has been deleted."""
    row = session.scalar(_fresh().where(JobRow.id == job_id, JobRow.deleted_at.is_(None)))
    return job_of(row) if row else None


def job_at_message(session: Session, message_id: int) -> str | None:
    """Id of the job that a message answers."""
    query = select(JobRow.id).where(JobRow.placeholder_message_id == message_id, JobRow.deleted_at.is_(None))
    return session.scalar(query.limit(1))


def jobs_of(session: Session, *, member_id: int, limit: int = 25, active: bool = False) -> list[Job]:
    """A member's jobs, the newest first; where asked, only those unfinished."""
    query = _fresh().where(JobRow.member_id == member_id, JobRow.deleted_at.is_(None))
    if active:
        query = query.where(JobRow.state.not_in(FINAL_STATES))
    newest_first = query.order_by(JobRow.created_at.desc(), JobRow.id).limit(limit)
    return [job_of(row) for row in session.scalars(newest_first)]


def open_job_ids(session: Session, *, member_id: int, guild_id: int) -> list[str]:
    """Ids of a member's unfinished jobs in one server."""
    query = select(JobRow.id).where(
        JobRow.member_id == member_id,
        JobRow.guild_id == guild_id,
        JobRow.deleted_at.is_(None),
        JobRow.state.not_in(FINAL_STATES),
    )
    return list(session.scalars(query))


def request_cancel(session: Session, job_id: str) -> JobState | None:
    """Cancel: a queued job ends and is refunded at once, a running one when its worker sees the flag.

    Returns:
        The state after it: CANCELLED, RUNNING (the worker was asked to stop) or what it had ended as; None
        where there is no such job.
    """
    row = _locked(session, job_id)
    if row is None:
        return None
    if row.state == JobState.QUEUED:
        end_job(session, row, JobState.CANCELLED)
        return JobState.CANCELLED
    if row.state == JobState.RUNNING:
        _change(session, job_id, cancel_requested=True)
    return row.state


def set_placeholder(
    session: Session, job_id: str, *, channel_id: int, message_id: int | None, interaction_token: str | None
) -> bool:
    """Remember the message that progress and result are edited into; its id may follow the token later.

    False where the job was deleted meanwhile: then the message goes, too.
    """
    there = session.execute(
        update(JobRow)
        .where(JobRow.id == job_id, JobRow.deleted_at.is_(None))
        .values(channel_id=channel_id, placeholder_message_id=message_id, interaction_token=interaction_token)
        .returning(JobRow.id)
    ).first()
    if there is None and message_id is not None:
        remove_messages(session, [(channel_id, message_id)])
    return there is not None


def delete_job(session: Session, job_id: str) -> list[str]:
    """Erase a job: it ends if it has not, its pictures' rows go, and the words in its request go too.

    Pictures that it was made from go with it where no other job needs them.

    The row itself and its ledger stay, so that balances keep adding up.

    Returns:
        Keys of the objects that the caller now deletes from storage; empty where there is no such job.
    """
    row = _locked(session, job_id)
    if row is None:
        return []
    if row.state == JobState.QUEUED:
        end_job(session, row, JobState.CANCELLED)
    keys = list(session.scalars(select(ImageRow.key).where(ImageRow.job_id == job_id)))
    for image in session.scalars(select(ImageRow).where(ImageRow.job_id == job_id)):
        session.delete(image)
    request = job_of(row).request.without_words().to_json()
    keys += [input_key(sha256) for sha256 in unlink_inputs(session, job_id)]
    forget_job(session, job_id)
    forget_words(session, job_id)
    _change(session, job_id, deleted_at=now(), cancel_requested=True, request=request, interaction_token=None)
    session.execute(
        update(DeliveryRow)
        .where(
            DeliveryRow.job_id == job_id,
            DeliveryRow.state.in_([DeliveryState.DUE, DeliveryState.CLAIMED]),
        )
        .values(state=DeliveryState.UNDELIVERABLE, lease_until=None, finished_at=now(), reason="job deleted")
    )
    session.flush()
    return keys


def _locked(session: Session, job_id: str) -> JobRow | None:
    return session.scalar(
        _fresh().where(JobRow.id == job_id, JobRow.deleted_at.is_(None)).with_for_update(key_share=True)
    )


def _change(session: Session, job_id: str, **values: object) -> None:
    session.execute(update(JobRow).where(JobRow.id == job_id).values(**values))


def _fresh() -> Select[JobRow]:
    # A session may have met the row before a bulk UPDATE changed it.
    return select(JobRow).execution_options(populate_existing=True)
