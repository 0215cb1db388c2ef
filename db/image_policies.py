"""What becomes of pictures that the safety checker flags: choices for channels, and the quarantine."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session

from core.jobs import FINAL_STATES, LedgerKind
from core.moderation import ImagePolicy
from db.accounts import refund
from db.deliveries import deliver_again
from db.moderation_tables import ImagePolicyRow
from db.once import insert_once
from db.tables import GuildRow, ImageRow, JobRow


def policy_of(session: Session, guild_id: int, channel_ids: Sequence[int]) -> ImagePolicy:
    """The policy of the first of the channels that has one, else the server's, else BLOCK."""
    row = ImagePolicyRow
    places = (*channel_ids, guild_id)
    found = dict(
        session.execute(
            select(row.channel_id, row.policy).where(row.guild_id == guild_id, row.channel_id.in_(places))
        )
        .tuples()
        .all()
    )
    return next((found[place] for place in places if place in found), ImagePolicy.BLOCK)


def policies(session: Session, guild_id: int) -> dict[int, ImagePolicy]:
    """By channel; the server's own id stands for all other channels."""
    row = ImagePolicyRow
    query = select(row.channel_id, row.policy).where(row.guild_id == guild_id).order_by(row.channel_id)
    return dict(session.execute(query).tuples().all())


def set_policy(session: Session, guild_id: int, channel_id: int, policy: ImagePolicy) -> None:
    """Set the policy of a channel, or (the server's own id) of all that have none."""
    insert_once(session, GuildRow, id=guild_id)
    row = ImagePolicyRow
    session.execute(delete(row).where(row.guild_id == guild_id, row.channel_id == channel_id))
    insert_once(session, row, guild_id=guild_id, channel_id=channel_id, policy=policy)


def next_held(session: Session, guild_id: int) -> str | None:
    """Id of the job that has waited longest for a moderator to look at its pictures."""
    return session.scalar(
        select(JobRow.id).where(*_waits(guild_id)).order_by(JobRow.finished_at, JobRow.id).limit(1)
    )


def held_count(session: Session, guild_id: int) -> int:
    """Jobs with pictures that wait for a moderator."""
    return session.scalars(select(func.count()).select_from(JobRow).where(*_waits(guild_id))).one()


def release_held(session: Session, job_id: str) -> bool:
    """Let a job's held pictures pass; its message is made anew. False where none waits."""
    row = _locked(session, job_id)
    if row is None:
        return False
    session.execute(update(ImageRow).where(ImageRow.job_id == job_id).values(held=False, flagged=False))
    session.execute(update(JobRow).where(JobRow.id == job_id).values(images_held=0))
    deliver_again(session, job_id)
    return True


def reject_held(session: Session, job_id: str, note: str) -> list[str]:
    """Drop a job's held pictures and give back what they cost; its message is made anew and says `note`.

    Returns:
        Keys of the objects that the caller now deletes from storage; empty where none waits.
    """
    row = _locked(session, job_id)
    if row is None:
        return []
    dropped = session.execute(
        delete(ImageRow)
        .where(ImageRow.job_id == job_id, ImageRow.held)
        .returning(ImageRow.key)
        .execution_options(synchronize_session=False)
    )
    keys = list(dropped.scalars())
    refund(session, row.account_id, job_id, len(keys) * row.image_price, LedgerKind.REJECTED)
    session.execute(
        update(JobRow)
        .where(JobRow.id == job_id)
        .values(images_held=0, images_done=JobRow.images_done - len(keys), error=note)
    )
    deliver_again(session, job_id)
    return keys


def _waits(guild_id: int) -> tuple[ColumnElement[bool], ...]:
    return (
        JobRow.guild_id == guild_id,
        JobRow.images_held > 0,
        JobRow.state.in_(FINAL_STATES),
        JobRow.deleted_at.is_(None),
    )


def _locked(session: Session, job_id: str) -> JobRow | None:
    return session.scalar(
        select(JobRow)
        .where(JobRow.id == job_id, JobRow.images_held > 0, JobRow.state.in_(FINAL_STATES))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
