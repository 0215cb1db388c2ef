"""The table of accepted licences; see `db.tables`."""

from __future__ import annotations

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.clock import now


class AcceptedLicenceRow(Base):
    """A licence whose terms the studio's owner accepted in Discord, for all machines; the audit says who."""

    __tablename__ = "accepted_licences"

    licence: Mapped[str] = mapped_column(Text, primary_key=True)
    accepted_at: Mapped[float] = mapped_column(default=now())
