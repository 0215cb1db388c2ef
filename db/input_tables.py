"""The tables of pictures that members give; see `db.tables`."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, false
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base


class JobInputRow(Base):
    """A picture that a job is made from (`core.inputs`)."""

    __tablename__ = "job_inputs"

    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True, index=True)


class HeldInputRow(Base):
    """The picture that a member chose for their next command."""

    __tablename__ = "held_inputs"

    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), primary_key=True, autoincrement=False)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    width: Mapped[int]
    height: Mapped[int]
    held_until: Mapped[float]
    #: It comes from an age-restricted channel, and is used in such ones only.
    age_restricted: Mapped[bool] = mapped_column(default=False, server_default=false())
