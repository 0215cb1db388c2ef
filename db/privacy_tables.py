"""What is kept of members who asked to be erased; see `db.tables`."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.clock import now


class ErasedMemberRow(Base):
    """Somebody was erased, for some weeks: whoever comes back is not welcomed with credits each time."""

    __tablename__ = "erased_members"

    #: `db.erasing` says of what; an id can't be read from it.
    digest: Mapped[str] = mapped_column(String(32), primary_key=True)
    erased_at: Mapped[float] = mapped_column(default=now())
