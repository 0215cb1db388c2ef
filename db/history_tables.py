"""The table behind the search of `/history`; see `db.tables`."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from core.gallery import MAX_WORD_CHARACTERS
from db.base import Base


class JobWordRow(Base):
    """A word of a job's prompt.

    The key is the order of a page: whose, which word, when. So a page is one step into the index, however far
    down it is and however many jobs hold the word; a full-text index of either database would gather all of
    them, of all members, and sort.
    """

    __tablename__ = "job_words"
    __table_args__ = ({"sqlite_with_rowid": False},)

    member_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    word: Mapped[str] = mapped_column(String(MAX_WORD_CHARACTERS), primary_key=True)
    #: The job's.
    created_at: Mapped[float] = mapped_column(primary_key=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"), primary_key=True, index=True)
