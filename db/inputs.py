"""Pictures that members gave: which jobs need them, and which one a member holds for the next command."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.inputs import Input
from db.clock import now
from db.input_tables import HeldInputRow, JobInputRow
from db.once import insert_once
from db.tables import MemberRow

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


def hold_input(session: Session, member_id: int, picture: Input) -> None:
    """The member's next command may use this picture; it takes the place of the one held before."""
    insert_once(session, MemberRow, id=member_id)
    session.execute(delete(HeldInputRow).where(HeldInputRow.member_id == member_id))
    session.add(
        HeldInputRow(
            member_id=member_id,
            sha256=picture.sha256,
            width=picture.width,
            height=picture.height,
            held_until=now() + HELD_S,
        )
    )
    session.flush()


def held_input(session: Session, member_id: int) -> Input | None:
    """The picture that the member holds; None where there is none, or its time is over."""
    row = session.scalar(
        select(HeldInputRow).where(HeldInputRow.member_id == member_id, HeldInputRow.held_until > now())
    )
    return None if row is None else Input(sha256=row.sha256, width=row.width, height=row.height)


def forget_held(session: Session) -> None:
    """Drop what was held too long."""
    session.execute(
        delete(HeldInputRow)
        .where(HeldInputRow.held_until <= now())
        .execution_options(synchronize_session=False)
    )
