"""Where a job's pictures were sent once more, so that the messages go when the pictures do."""

from __future__ import annotations

from sqlalchemy import delete
from sqlalchemy.orm import Session

from db.copy_tables import CopyRow


def keep_copy(session: Session, job_id: str, *, channel_id: int, message_id: int) -> None:
    """Remember a message that shows a job's pictures."""
    session.add(CopyRow(message_id=message_id, channel_id=channel_id, job_id=job_id))


def take_copies(session: Session, job_id: str) -> list[tuple[int, int]]:
    """(channel id, message id) of a job's copies, which the caller deletes: they are remembered no more."""
    taken = session.execute(
        delete(CopyRow)
        .where(CopyRow.job_id == job_id)
        .returning(CopyRow.channel_id, CopyRow.message_id)
        .execution_options(synchronize_session=False)
    )
    return [(row.channel_id, row.message_id) for row in taken]
