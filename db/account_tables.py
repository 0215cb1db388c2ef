"""The tables of quotas and of learnt speeds; see `db.tables`."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base


class TierRow(Base):
    """What a role gives (`core.tiers.Tier`); the server's own id is the role that everybody has."""

    __tablename__ = "tiers"
    __table_args__ = (CheckConstraint("weight > 0", "weight"),)

    guild_id: Mapped[int] = mapped_column(ForeignKey("guilds.id"), primary_key=True)
    role_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    refill: Mapped[int]
    cap: Mapped[int]
    jobs: Mapped[int]
    running: Mapped[int]
    weight: Mapped[float]
    retention: Mapped[int | None]


class QuotaRuleRow(Base):
    """What holds for a whole server."""

    __tablename__ = "quota_rules"

    guild_id: Mapped[int] = mapped_column(ForeignKey("guilds.id"), primary_key=True)
    #: Hours between two refills, counted from midnight UTC of 1970.
    refill_hours: Mapped[int]
    #: A command that costs more credits asks first; None: what is usual (`core.price.asks_first`).
    confirm_above: Mapped[int | None]


class AccountTierRow(Base):
    """The tier that an account's member had when they last did something, for what happens without them.

    The weight is the account's own column.
    """

    __tablename__ = "account_tiers"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True, autoincrement=False)
    refill: Mapped[int]
    cap: Mapped[int]
    jobs: Mapped[int]
    running: Mapped[int]
    retention: Mapped[int | None] = mapped_column(index=True)
    #: When the next refill comes.
    refill_due_at: Mapped[float] = mapped_column(index=True)


class SpeedRow(Base):
    """Seconds of a worker's time for a unit of work (`JobRow.work`), by model and kind of device."""

    __tablename__ = "speeds"

    model: Mapped[str] = mapped_column(primary_key=True)
    #: `WorkerRow.device`.
    device: Mapped[str] = mapped_column(primary_key=True)
    #: Exponential average (`db.speeds`).
    seconds_per_work: Mapped[float]
    #: Jobs that were measured.
    jobs: Mapped[int]


class WorkerClockRow(Base):
    """A worker's clock for measuring: it runs at one n-th of the time while n pictures are being drawn."""

    __tablename__ = "worker_clocks"

    worker_id: Mapped[str] = mapped_column(ForeignKey("workers.id", ondelete="CASCADE"), primary_key=True)
    #: Seconds that one picture has had of the worker, had it been there all the time.
    clock: Mapped[float]
    #: When it was last read, and the pictures since then.
    read_at: Mapped[float]
    pictures: Mapped[int]


class JobMeterRow(Base):
    """A running job whose speed is measured."""

    __tablename__ = "job_meters"

    job_id: Mapped[str] = mapped_column(String(16), ForeignKey("jobs.id"), primary_key=True)
    worker_id: Mapped[str]
    #: The worker's clock when the job began.
    clock: Mapped[float]
