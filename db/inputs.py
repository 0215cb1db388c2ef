"""Pictures that members gave: which jobs need them, and which one a member holds for the next command."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.inputs import Input
from db.clock import now
from db.input_tables import HeldInputRow, JobInputRow
from db.members import lock_member

#: Seconds that a member's *Use as input* is remembered.
HELD_S = 15 * 60.0


def link_inputs(session: Session, job_id: str, images: Collection[str]) -> None:
    """A job needs these pictures (SHA-256)."""
    session.add_all(JobInputRow(job_id=job_id, sha256=sha256) for sha256 in images)
    session.flush()


def unlink_inputs(session: Session, job_id: str) -> list[str]:
    """A job needs no pictures any more.

    Returns:
        SHA-256 of those that nobody needs now.
    """
    linked = list(session.scalars(select(JobInputRow.sha256).where(JobInputRow.job_id == job_id)))
    session.execute(
        delete(JobInputRow).where(JobInputRow.job_id == job_id).execution_options(synchronize_session=False)
    )
    return sorted(set(linked) - needed_inputs(session, linked))


def needed_inputs(session: Session, images: Collection[str]) -> set[str]:
    """Those of the pictures (SHA-256) that a job needs or a member holds."""
    by_jobs = session.scalars(select(JobInputRow.sha256).where(JobInputRow.sha256.in_(images)))
    held = session.scalars(
        select(HeldInputRow.sha256).where(HeldInputRow.sha256.in_(images), HeldInputRow.held_until > now())
    )
    return {*by_jobs, *held}


@dataclass(frozen=True, kw_only=True)
class HeldInput:
    """A picture that a member holds."""

    picture: Input
    #: It comes from an age-restricted channel, and is used in such ones only.
    age_restricted: bool


def hold_input(session: Session, member_id: int, held: HeldInput) -> None:
    """The member's next command may use this picture; it takes the place of the one held before."""
    picture = held.picture
    lock_member(session, member_id)
    session.execute(delete(HeldInputRow).where(HeldInputRow.member_id == member_id))
    session.add(
        HeldInputRow(
            member_id=member_id,
            sha256=picture.sha256,
            width=picture.width,
            height=picture.height,
            held_until=now() + HELD_S,
            age_restricted=held.age_restricted,
        )
    )
    session.flush()


def held_input(session: Session, member_id: int) -> HeldInput | None:
    """The picture that the member holds; None where there is none, or its time is over."""
    row = session.scalar(
        select(HeldInputRow).where(HeldInputRow.member_id == member_id, HeldInputRow.held_until > now())
    )
    if row is None:
        return None
    picture = Input(sha256=row.sha256, width=row.width, height=row.height)
    return HeldInput(picture=picture, age_restricted=row.age_restricted)


def let_go(session: Session, member_id: int) -> list[str]:
    """The member holds nothing any more; SHA-256 of what they held where nobody needs it now."""
    held = session.scalars(
        delete(HeldInputRow)
        .where(HeldInputRow.member_id == member_id)
        .returning(HeldInputRow.sha256)
        .execution_options(synchronize_session=False)
    ).all()
    return sorted(set(held) - needed_inputs(session, held))


def forget_held(session: Session) -> None:
    """Drop what was held too long."""
    session.execute(
        delete(HeldInputRow)
        .where(HeldInputRow.held_until <= now())
        .execution_options(synchronize_session=False)
    )
