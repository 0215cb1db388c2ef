"""Messages that the bot keeps as their subjects are: posted once, edited, taken away.

At least once under a lease, like deliveries (`db.deliveries`): a row is due until the bot has made the
message what the newest version of its subject asks for.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, case, delete, or_, select, update
from sqlalchemy.orm import Session

from core.gallery import PostKind
from db.clock import now
from db.gallery_tables import GalleryPostRow as Row
from db.once import insert_once

#: Seconds that a post waits for further votes, so that a storm of them is one edit.
SETTLE_S = 2.0


@dataclass(frozen=True, kw_only=True)
class DuePost:
    """A message to be made as its subject is; (kind, subject, attempt) is the fencing token."""

    kind: PostKind
    subject_id: int
    attempt: int
    version: int
    guild_id: int
    channel_id: int
    #: None where it was never posted, as far as is known.
    message_id: int | None
    created_at: float
    #: Seconds since it was wanted first.
    age_s: float

    @property
    def nonce(self) -> str:
        """The same at every attempt to post it, and nobody else's."""
        return f"{self.kind.value}-{self.subject_id}"


def want_post(session: Session, kind: PostKind, subject_id: int, *, guild_id: int, channel_id: int) -> bool:
    """The subject is to have a message in this channel; False where it has one."""
    return insert_once(
        session, Row, kind=kind, subject_id=subject_id, guild_id=guild_id, channel_id=channel_id
    )


def touch_posts(
    session: Session, kind: PostKind, subject_ids: Collection[int], *, delay_s: float = 0.0
) -> None:
    """The subjects have changed, so their messages, where they have any, are looked at after a delay."""
    soon = now() + delay_s
    session.execute(
        update(Row)
        .where(Row.kind == kind, Row.subject_id.in_(subject_ids))
        .values(
            version=Row.version + 1,
            # What waits already is not put off for ever by one vote after the other.
            due_at=case((and_(Row.due_at.is_not(None), Row.due_at < soon), Row.due_at), else_=soon),
        )
        .execution_options(synchronize_session=False)
    )


def claim_posts(session: Session, *, lease_s: float, limit: int) -> list[DuePost]:
    """Take up to `limit` posts that are due, the oldest first, those of a bot that died included."""
    rows = session.scalars(
        select(Row)
        .where(Row.due_at <= now(), or_(Row.lease_until.is_(None), Row.lease_until < now()))
        .order_by(Row.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    return [_claimed(session, row, lease_s) for row in rows]


def posted(session: Session, post: DuePost, message_id: int) -> bool:
    """The message shows what the subject was when it was claimed. False for a stale claim."""
    done = case((Row.version == post.version, None), else_=Row.due_at)
    return _write(session, post, message_id=message_id, due_at=done, reason=None)


def defer_post(session: Session, post: DuePost, delay_s: float, reason: str) -> bool:
    """Try again after `delay_s` seconds."""
    return _write(session, post, due_at=now() + delay_s, reason=reason)


def give_up_post(session: Session, post: DuePost, reason: str) -> bool:
    """Discord will not take it; it is tried again when the subject changes.

    The message's id stays: one that was deleted is not posted anew, one that is closed is edited later.
    """
    return _write(session, post, due_at=None, reason=reason)


def forget_post(session: Session, post: DuePost) -> None:
    """Its message is gone, as its subject is."""
    session.execute(delete(Row).where(_is(post)).execution_options(synchronize_session=False))


def message_of(session: Session, kind: PostKind, subject_id: int) -> tuple[int, int] | None:
    """(channel id, message id) of a subject's message, if it is there as far as is known."""
    row = session.get(Row, (kind, subject_id), populate_existing=True)
    if row is None or row.message_id is None or row.reason is not None:
        return None
    return row.channel_id, row.message_id


def _claimed(session: Session, row: Row, lease_s: float) -> DuePost:
    session.execute(
        update(Row)
        .where(Row.kind == row.kind, Row.subject_id == row.subject_id)
        .values(attempt=Row.attempt + 1, lease_until=now() + lease_s)
        .execution_options(synchronize_session=False)
    )
    session.refresh(row)
    return DuePost(
        kind=row.kind,
        subject_id=row.subject_id,
        attempt=row.attempt,
        version=row.version,
        guild_id=row.guild_id,
        channel_id=row.channel_id,
        message_id=row.message_id,
        created_at=row.created_at,
        age_s=session.scalars(select(now())).one() - row.created_at,
    )


def _write(session: Session, post: DuePost, **values: object) -> bool:
    row = session.execute(
        update(Row)
        .where(_is(post))
        .values(lease_until=None, **values)
        .returning(Row.subject_id)
        .execution_options(synchronize_session=False)
    ).first()
    return row is not None


def _is(post: DuePost) -> ColumnElement[bool]:
    return and_(Row.kind == post.kind, Row.subject_id == post.subject_id, Row.attempt == post.attempt)
