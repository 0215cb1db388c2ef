"""The table of messages that show pictures once more; see `db.tables`."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base


class CopyRow(Base):
    """A direct message that shows a job's pictures once more; it goes when they do."""

    __tablename__ = "job_copies"

    message_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    channel_id: Mapped[int]
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"), index=True)
