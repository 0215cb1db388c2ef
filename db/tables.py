"""The tables. Rows of these classes never leave `db/`; its functions hand out frozen dataclasses.

Discord's ids (snowflakes) are 64-bit integers. Times are seconds by the database's clock (`db.clock`).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from core.jobs import ImageKind, JobState, LedgerKind
from core.words import ENGLISH

# Whoever knows one table knows all: the migrations are compared with them.
from db import (  # noqa: F401
    account_tables,
    copy_tables,
    gallery_tables,
    history_tables,
    input_tables,
    licence_tables,
    moderation_tables,
    preference_tables,
    privacy_tables,
    routing_tables,
    worker_tables,
)
from db.base import Base, words
from db.clock import now


class DeliveryState(StrEnum):
    DUE = "due"
    #: A bot holds it under a lease.
    CLAIMED = "claimed"
    DELIVERED = "delivered"
    #: Discord will never take it (channel gone, member left), or the job was deleted.
    UNDELIVERABLE = "undeliverable"


class DeliveryKind(StrEnum):
    #: The job's end: its pictures, or the reason why there are none.
    RESULT = "result"


Base.registry.update_type_annotation_map(
    {
        JobState: words(JobState, "state"),
        DeliveryState: words(DeliveryState, "state"),
        DeliveryKind: words(DeliveryKind, "kind"),
        ImageKind: words(ImageKind, "kind"),
        LedgerKind: words(LedgerKind, "kind"),
    }
)


class GuildRow(Base):
    __tablename__ = "guilds"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    created_at: Mapped[float] = mapped_column(default=now())


class MemberRow(Base):
    __tablename__ = "members"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    created_at: Mapped[float] = mapped_column(default=now())


class AccountRow(Base):
    """A member's credits in one server."""

    __tablename__ = "accounts"
    __table_args__ = (
        UniqueConstraint("guild_id", "member_id"),
        CheckConstraint("balance >= 0", "balance"),
        CheckConstraint("weight > 0", "weight"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    guild_id: Mapped[int] = mapped_column(ForeignKey("guilds.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), index=True)
    #: Always the sum of the account's ledger rows.
    balance: Mapped[int] = mapped_column(default=0)
    #: Share of the workers relative to others while there is a queue.
    weight: Mapped[float] = mapped_column(default=1.0)
    #: When one of its jobs was last claimed.
    served_at: Mapped[float | None]
    created_at: Mapped[float] = mapped_column(default=now())


class JobRow(Base):
    __tablename__ = "jobs"
    __table_args__ = (
        CheckConstraint("image_price > 0 AND image_count > 0", "price"),
        CheckConstraint("images_done BETWEEN 0 AND image_count", "images_done"),
        # A running job has a holder and a lease, and nothing else has.
        CheckConstraint("(state = 'running') = (lease_until IS NOT NULL)", "lease"),
        CheckConstraint("(state = 'running') = (worker_id IS NOT NULL)", "worker"),
        CheckConstraint(
            "(state IN ('done', 'failed', 'cancelled', 'dead')) = (finished_at IS NOT NULL)", "finished"
        ),
        # The queue in its order, and what is running, for claims, leases and progress.
        Index("ix_jobs_state_turn", "state", "turn", "created_at"),
        Index("ix_jobs_state_created_at", "state", "created_at"),
        # How far the queue has come, see `db.turns`.
        Index(
            "ix_jobs_started_turn",
            "turn",
            sqlite_where=text("started_at IS NOT NULL"),
            postgresql_where=text("started_at IS NOT NULL"),
        ),
        # Who has jobs running, see `db.tiers`: of each job that a worker holds.
        Index(
            "ix_jobs_running",
            "account_id",
            sqlite_where=text("worker_id IS NOT NULL"),
            postgresql_where=text("worker_id IS NOT NULL"),
        ),
        Index("ix_jobs_account_id_turn", "account_id", "turn"),
        Index("ix_jobs_account_id_created_at", "account_id", "created_at"),
        # Pages of history, see `db.history`.
        Index("ix_jobs_member_id_created_at_id", "member_id", "created_at", "id"),
        Index("ix_jobs_member_id_model_created_at_id", "member_id", "model", "created_at", "id"),
        # Whose pictures have been kept how long, see `db.retention`.
        Index(
            "ix_jobs_kept",
            "account_id",
            "finished_at",
            sqlite_where=text("deleted_at IS NULL"),
            postgresql_where=text("deleted_at IS NULL"),
        ),
        # What waits for moderators.
        Index(
            "ix_jobs_held",
            "guild_id",
            "finished_at",
            sqlite_where=text("images_held > 0"),
            postgresql_where=text("images_held > 0"),
        ),
    )

    #: Ten characters that people can read and type (`db.ids`).
    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    #: None in direct messages.
    guild_id: Mapped[int | None] = mapped_column(ForeignKey("guilds.id"))
    channel_id: Mapped[int]
    #: The Discord interaction that asked for it; a replayed one finds this job.
    interaction_id: Mapped[int] = mapped_column(unique=True)
    request: Mapped[dict[str, Any]]
    #: The request's model; "" where nothing is drawn.
    model: Mapped[str]
    #: The job that this one varies or runs again.
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("jobs.id"), index=True)
    #: The job whose recipes this one follows to the byte.
    replay_of: Mapped[str | None] = mapped_column(ForeignKey("jobs.id"), index=True)
    #: Which of that job's images the first one here repeats, and so on from there; None is its first.
    replay_first: Mapped[int | None]

    state: Mapped[JobState] = mapped_column(default=JobState.QUEUED)
    image_price: Mapped[int]
    image_count: Mapped[int]
    #: Result images that are stored and paid for.
    images_done: Mapped[int] = mapped_column(default=0)

    #: Place in the fair order of all members' jobs (`db.turns`), smallest first.
    turn: Mapped[float]
    #: How far it moves its account back: price / weight.
    share: Mapped[float]
    #: What all images take (`core.price.total_work`): what the ETA is learnt from.
    work: Mapped[float]

    #: Half of the fencing token `(id, attempt)`; every claim adds one.
    attempt: Mapped[int] = mapped_column(default=0)
    #: Leases that expired, whoever was to blame.
    losses: Mapped[int] = mapped_column(default=0)
    #: Attempts that count toward dead.
    counted_attempts: Mapped[int] = mapped_column(default=0)
    #: It lost a lease, so it runs alone on its worker.
    suspect: Mapped[bool] = mapped_column(default=False)
    #: Not claimed before this time.
    available_at: Mapped[float] = mapped_column(default=now())
    lease_until: Mapped[float | None]
    worker_id: Mapped[str | None] = mapped_column(Text, index=True)
    cancel_requested: Mapped[bool] = mapped_column(default=False)

    #: UNet calls made and to make, all images together.
    step: Mapped[int] = mapped_column(default=0)
    total_steps: Mapped[int]
    #: Moves whenever something that the member can see has changed.
    progress_version: Mapped[int] = mapped_column(default=0)
    #: Why it ended without all its images, in words for the member.
    error: Mapped[str | None]

    #: It was asked for in an age-restricted channel, and is shown in no other.
    age_restricted: Mapped[bool] = mapped_column(default=False, server_default=false())
    #: An ImagePolicy: what becomes of pictures that the safety checker holds back.
    image_policy: Mapped[str] = mapped_column(String(16), default="block", server_default="block")
    #: Pictures that wait for a moderator.
    images_held: Mapped[int] = mapped_column(default=0, server_default="0")

    #: Only the member sees the answer.
    ephemeral: Mapped[bool] = mapped_column(default=False)
    #: In which its message speaks (`core.words`).
    language: Mapped[str] = mapped_column(default=ENGLISH, server_default=ENGLISH)
    placeholder_message_id: Mapped[int | None] = mapped_column(index=True)
    #: Lets the bot edit its answer for 15 minutes after `created_at`; a secret.
    interaction_token: Mapped[str | None]

    created_at: Mapped[float] = mapped_column(default=now())
    started_at: Mapped[float | None]
    finished_at: Mapped[float | None]
    deleted_at: Mapped[float | None]


class ImageRow(Base):
    """A stored picture. Its primary key is what makes settling an image happen once."""

    __tablename__ = "images"

    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"), primary_key=True)
    index: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[ImageKind] = mapped_column(primary_key=True)
    key: Mapped[str]
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    width: Mapped[int]
    height: Mapped[int]
    bytes: Mapped[int]
    recipe: Mapped[dict[str, Any] | None]
    #: The safety checker would have held it back; it is shown behind a spoiler.
    flagged: Mapped[bool] = mapped_column(default=False, server_default=false())
    #: It waits for a moderator, and is shown to nobody else.
    held: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[float] = mapped_column(default=now())


class LedgerRow(Base):
    """One change of a balance; never updated. A job holds once and is refunded at most once."""

    __tablename__ = "ledger"
    __table_args__ = (
        UniqueConstraint("job_id", "kind"),
        CheckConstraint("amount <> 0", "amount"),
        CheckConstraint("(kind = 'grant') = (job_id IS NULL)", "job"),
        # A refill's reason names its time (`db.refill`): an account gets each once.
        Index(
            "uq_ledger_refill",
            "account_id",
            "reason",
            unique=True,
            sqlite_where=text("substr(reason, 1, 7) = 'refill '"),
            postgresql_where=text("substr(reason, 1, 7) = 'refill '"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    job_id: Mapped[str | None] = mapped_column(ForeignKey("jobs.id"))
    kind: Mapped[LedgerKind]
    #: Credits, negative for what leaves the account.
    amount: Mapped[int]
    reason: Mapped[str | None]
    created_at: Mapped[float] = mapped_column(default=now())


class DeliveryRow(Base):
    """What the bot owes a member; written in the transaction that ends the job."""

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("job_id", "kind"),
        CheckConstraint("(state = 'claimed') = (lease_until IS NOT NULL)", "lease"),
        Index("ix_deliveries_state_due_at", "state", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"))
    kind: Mapped[DeliveryKind]
    state: Mapped[DeliveryState] = mapped_column(default=DeliveryState.DUE)
    #: Fencing token together with the id.
    attempt: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[float] = mapped_column(default=now())
    lease_until: Mapped[float | None]
    bot_id: Mapped[str | None]
    message_id: Mapped[int | None]
    reason: Mapped[str | None]
    created_at: Mapped[float] = mapped_column(default=now())
    finished_at: Mapped[float | None]
