"""The table that jobs are routed by; see `db.routing`."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base


class JobNeedRow(Base):
    """A model or an add-on that an unfinished job needs (`core.needs`)."""

    __tablename__ = "job_needs"

    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    #: "model" or an AddonKind; no CHECK, so that a new kind needs no migration.
    kind: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    #: Of the largest picture that a model is called for; 0 for an add-on.
    pixels: Mapped[int] = mapped_column(default=0, server_default="0")
