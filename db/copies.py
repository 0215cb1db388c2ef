"""Where a job's pictures are shown, so that the messages go when the pictures do."""

from __future__ import annotations

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from db.copy_tables import CopyRow
from db.removals import remove_messages
from db.tables import JobRow


def keep_copy(session: Session, job_id: str, *, member_id: int, channel_id: int, message_id: int) -> bool:
    """Remember a message that shows a job's pictures in a member's direct messages.

    False where the job went meanwhile: then the message goes, too.
    """
    # Whoever deletes the job waits for this, or this for them.
    there = select(JobRow.id).where(JobRow.id == job_id, JobRow.deleted_at.is_(None))
    if session.scalar(there.with_for_update(key_share=True)) is None:
        remove_messages(session, [(channel_id, message_id)])
        return False
    session.add(CopyRow(message_id=message_id, channel_id=channel_id, job_id=job_id, member_id=member_id))
    return True


def remove_messages_of(session: Session, job_id: str) -> None:
    """The messages that show a job, which the caller deletes in this transaction, are to go."""
    answer = select(JobRow.channel_id, JobRow.placeholder_message_id).where(JobRow.id == job_id)
    channel_id, message_id = session.execute(answer).tuples().one()
    if message_id is not None:
        remove_messages(session, [(channel_id, message_id)])
    _remove(session, CopyRow.job_id == job_id)


def remove_copies_of(session: Session, member_id: int) -> None:
    """The copies in a member's direct messages are to go."""
    _remove(session, CopyRow.member_id == member_id)


def _remove(session: Session, which: ColumnElement[bool]) -> None:
    copies = delete(CopyRow).where(which).returning(CopyRow.channel_id, CopyRow.message_id)
    taken = session.execute(copies.execution_options(synchronize_session=False))
    remove_messages(session, taken.tuples().all())
