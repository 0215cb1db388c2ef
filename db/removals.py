"""Messages that are to go from Discord: noted with what they show, taken away by the bot afterwards.

At least once under a lease, like deliveries (`db.deliveries`); that a message is gone needs no fencing token.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from db.clock import now
from db.copy_tables import MessageRemovalRow as Row
from db.once import insert_once


@dataclass(frozen=True, kw_only=True)
class Removal:
    """A message that the bot is to delete now."""

    channel_id: int
    message_id: int
    #: From 1.
    attempt: int
    #: Seconds since it was asked for.
    age_s: float


def remove_messages(session: Session, messages: Iterable[tuple[int, int]]) -> None:
    """The messages (channel id, message id) are to go, from this transaction's end on."""
    for channel_id, message_id in messages:
        insert_once(session, Row, channel_id=channel_id, message_id=message_id)


def claim_removals(session: Session, *, lease_s: float, limit: int) -> list[Removal]:
    """Take up to `limit` messages that are due, those of a bot that died included.

    The newest go first: what a moderator took down does not wait behind thousands of somebody who is erased.
    """
    due = select(Row.message_id).where(Row.due_at <= now()).order_by(Row.due_at.desc()).limit(limit)
    ids = session.scalars(due.with_for_update(skip_locked=True)).all()
    claimed = session.execute(
        update(Row)
        .where(Row.message_id.in_(ids))
        .values(attempt=Row.attempt + 1, due_at=now() + lease_s)
        .returning(Row.channel_id, Row.message_id, Row.attempt, now() - Row.created_at)
        .execution_options(synchronize_session=False)
    )
    return [
        Removal(channel_id=channel_id, message_id=message_id, attempt=attempt, age_s=age_s)
        for channel_id, message_id, attempt, age_s in claimed.tuples()
    ]


def removed(session: Session, removal: Removal) -> None:
    """It is gone, or given up."""
    gone = delete(Row).where(Row.message_id == removal.message_id)
    session.execute(gone.execution_options(synchronize_session=False))


def remove_later(session: Session, removal: Removal, delay_s: float) -> None:
    """Try again after `delay_s` seconds."""
    session.execute(
        update(Row)
        .where(Row.message_id == removal.message_id)
        .values(due_at=now() + delay_s)
        .execution_options(synchronize_session=False)
    )
