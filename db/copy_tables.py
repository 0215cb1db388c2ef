"""The tables of messages that show pictures once more, and of those that are to go; see `db.tables`."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.clock import now


class CopyRow(Base):
    """A direct message that shows a job's pictures once more; it goes when they do."""

    __tablename__ = "job_copies"

    message_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    channel_id: Mapped[int]
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"), index=True)
    #: Whose direct messages they are.
    member_id: Mapped[int] = mapped_column(index=True)


class MessageRemovalRow(Base):
    """A message that is to go from Discord; the row goes once it has."""

    __tablename__ = "message_removals"

    message_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    channel_id: Mapped[int]
    #: How often it was tried.
    attempt: Mapped[int] = mapped_column(default=0)
    #: Not tried before this time; a try under way moves it to when its lease ends.
    due_at: Mapped[float] = mapped_column(default=now(), index=True)
    created_at: Mapped[float] = mapped_column(default=now())
