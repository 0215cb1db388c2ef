"""Submitting a job: queued and paid for in one transaction, once however often it is asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.grid import total_calls
from core.jobs import JobState
from core.moderation import ImagePolicy
from core.price import total_work
from core.request import Request
from core.words import ENGLISH
from db import accounts, turns
from db.ids import new_job_id
from db.inputs import link_inputs
from db.job_words import write_words
from db.jobs import Job, job_of
from db.once import insert_once
from db.routing import write_needs
from db.tables import JobRow


@dataclass(frozen=True, kw_only=True)
class NewJob:
    """What a member asks for. Rights, filter and price are settled before."""

    account_id: int
    member_id: int
    #: None in direct messages.
    guild_id: int | None
    channel_id: int
    interaction_id: int
    request: Request
    #: Credits for each image, at least 1 (`core.price.image_price`).
    image_price: int
    ephemeral: bool = False
    #: In which its message speaks (`core.words`).
    language: str = ENGLISH
    #: It was asked for in an age-restricted channel.
    age_restricted: bool = False
    #: What becomes of pictures that the safety checker holds back.
    image_policy: ImagePolicy = ImagePolicy.BLOCK
    #: The job that this one varies or runs again.
    parent_id: str | None = None
    #: The job whose recipes it follows to the byte.
    replay_of: str | None = None
    #: Which of that job's images the first one here repeats.
    replay_first: int | None = None


def submit(session: Session, new: NewJob) -> Job:
    """Queue a job and hold its price.

    A replayed interaction id gets the job that it made, and whoever asks for the same variation of the same
    job while it is unfinished gets that one (`created=False`).

    Raises:
        NotEnoughCredits: the caller's transaction must roll back, as `Database.begin` does.
    """
    weight = turns.lock_weight(session, new.account_id)
    # The account's row is held, so that two of a member's orders find each other.
    if new.parent_id is not None and (twin := _twin(session, new)) is not None:
        return replace(twin, created=False)
    price = new.image_price * new.request.count
    job_id = new_job_id()
    created = insert_once(
        session,
        JobRow,
        id=job_id,
        account_id=new.account_id,
        member_id=new.member_id,
        guild_id=new.guild_id,
        channel_id=new.channel_id,
        interaction_id=new.interaction_id,
        request=new.request.to_json(),
        model=new.request.model,
        parent_id=new.parent_id,
        replay_of=new.replay_of,
        replay_first=new.replay_first,
        image_price=new.image_price,
        image_count=new.request.count,
        turn=turns.next_turn(session, new.account_id),
        share=price / weight,
        work=total_work(new.request),
        total_steps=total_calls(new.request),
        ephemeral=new.ephemeral,
        language=new.language,
        age_restricted=new.age_restricted,
        image_policy=new.image_policy,
    )
    if created:
        accounts.hold(session, new.account_id, job_id, price)
        link_inputs(session, job_id, new.request.images)
        write_needs(session, job_id, new.request)
    row = session.scalars(select(JobRow).where(JobRow.interaction_id == new.interaction_id)).one()
    if created:
        write_words(session, row, new.request.typed_prompt)
    return replace(job_of(row), created=created)


def _twin(session: Session, new: NewJob) -> Job | None:
    """The unfinished job of the same account that draws the same from the same job."""
    known = select(JobRow.id).where(JobRow.interaction_id == new.interaction_id)
    if session.scalar(known) is not None:
        return None
    rows = session.scalars(
        select(JobRow)
        .where(
            JobRow.parent_id == new.parent_id,
            JobRow.account_id == new.account_id,
            JobRow.replay_of.is_not_distinct_from(new.replay_of),
            JobRow.replay_first.is_not_distinct_from(new.replay_first),
            JobRow.state.in_([JobState.QUEUED, JobState.RUNNING]),
            JobRow.cancel_requested.is_(False),
            JobRow.deleted_at.is_(None),
        )
        .order_by(JobRow.created_at)
    )
    jobs = (job_of(row) for row in rows)
    return next((job for job in jobs if job.readable and job.request == new.request), None)
