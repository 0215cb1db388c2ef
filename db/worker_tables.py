"""The tables of workers, and of who is in charge of what; see `db.tables`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.clock import now


class WorkerRow(Base):
    __tablename__ = "workers"

    id: Mapped[str] = mapped_column(primary_key=True)
    host: Mapped[str]
    device: Mapped[str]
    started_at: Mapped[float] = mapped_column(default=now())
    seen_at: Mapped[float] = mapped_column(default=now(), index=True)


class WorkerModelRow(Base):
    """A model that a worker can load."""

    __tablename__ = "worker_models"

    worker_id: Mapped[str] = mapped_column(ForeignKey("workers.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True, index=True)
    spec: Mapped[dict[str, Any]]
    #: Most pixels of one picture that the worker's memory allows; None: any number.
    max_pixels: Mapped[int | None]
    #: The licence whose terms are not accepted on the worker's machine; None where nothing waits for that.
    awaits: Mapped[str | None]
    #: It is in the device's memory now.
    resident: Mapped[bool] = mapped_column(default=False)


class WorkerAddonRow(Base):
    """A ControlNet, an upscaler or another add-on that a worker can use."""

    __tablename__ = "worker_addons"

    worker_id: Mapped[str] = mapped_column(ForeignKey("workers.id", ondelete="CASCADE"), primary_key=True)
    #: An AddonKind; no CHECK, so that a new kind needs no migration.
    kind: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    spec: Mapped[dict[str, Any]]
    #: As WorkerModelRow's.
    awaits: Mapped[str | None]


class LeaderRow(Base):
    """Who does a duty of which one process at a time is in charge (`db.leader`)."""

    __tablename__ = "leaders"

    #: E.g. "keeper".
    duty: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str]
    lease_until: Mapped[float]
