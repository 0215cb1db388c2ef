"""The tables of moderation; see `db.tables`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.access import Place, Subject
from core.moderation import ImagePolicy, Ruling, SanctionKind
from core.wordlist import Effect, RuleKind
from db.base import Base, words
from db.clock import now


class AuditRow(Base):
    """Who did what to what. Triggers refuse to change or delete a row, but for its anonymising."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_guild_id_id", "guild_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    actor_id: Mapped[int] = mapped_column(index=True)
    action: Mapped[str]
    subject: Mapped[str] = mapped_column(Text, index=True)
    detail: Mapped[dict[str, Any] | None]
    #: Whose moderators may read it; None in direct messages.
    guild_id: Mapped[int | None]
    created_at: Mapped[float] = mapped_column(default=now())


class SanctionRow(Base):
    """A ban, time-out or strike; kept when it is over."""

    __tablename__ = "sanctions"
    __table_args__ = (Index("ix_sanctions_guild_id_member_id", "guild_id", "member_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    guild_id: Mapped[int] = mapped_column(ForeignKey("guilds.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    kind: Mapped[SanctionKind] = mapped_column(words(SanctionKind, "kind"))
    reason: Mapped[str]
    #: The moderator.
    by_id: Mapped[int]
    created_at: Mapped[float] = mapped_column(default=now())
    #: None: for good.
    expires_at: Mapped[float | None]
    lifted_at: Mapped[float | None]


class ModeratorRoleRow(Base):
    """A role whose members moderate a server, whatever Discord lets them do."""

    __tablename__ = "moderator_roles"

    guild_id: Mapped[int] = mapped_column(ForeignKey("guilds.id"), primary_key=True)
    role_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class FilterRuleRow(Base):
    """What a server's prompts may not say, or may say all the same; kept when it is removed."""

    __tablename__ = "filter_rules"
    __table_args__ = (Index("ix_filter_rules_guild_id_removed_at", "guild_id", "removed_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    guild_id: Mapped[int] = mapped_column(ForeignKey("guilds.id"))
    effect: Mapped[Effect] = mapped_column(words(Effect, "effect"))
    kind: Mapped[RuleKind] = mapped_column(words(RuleKind, "kind"))
    text: Mapped[str]
    created_at: Mapped[float] = mapped_column(default=now())
    removed_at: Mapped[float | None]


class ReportRow(Base):
    """A member finds that a job's pictures should not be here; one from each member."""

    __tablename__ = "reports"
    __table_args__ = (
        UniqueConstraint("job_id", "reporter_id"),
        Index("ix_reports_guild_id_ruling", "guild_id", "ruling"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    guild_id: Mapped[int] = mapped_column(ForeignKey("guilds.id"))
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"))
    reporter_id: Mapped[int]
    created_at: Mapped[float] = mapped_column(default=now())
    #: None while no moderator has decided.
    ruling: Mapped[Ruling | None] = mapped_column(words(Ruling, "ruling"))
    ruled_by: Mapped[int | None]
    ruled_at: Mapped[float | None]


class AppealRow(Base):
    """A member asks that a sanction be lifted; one for each sanction."""

    __tablename__ = "appeals"

    sanction_id: Mapped[int] = mapped_column(
        ForeignKey("sanctions.id"), primary_key=True, autoincrement=False
    )
    guild_id: Mapped[int] = mapped_column(ForeignKey("guilds.id"), index=True)
    text: Mapped[str]
    created_at: Mapped[float] = mapped_column(default=now())
    #: None while no moderator has decided.
    granted: Mapped[bool | None]
    ruled_by: Mapped[int | None]
    ruled_at: Mapped[float | None]


class AccessRuleRow(Base):
    """Who may draw how, with what and where (`core.access`)."""

    __tablename__ = "access_rules"

    guild_id: Mapped[int] = mapped_column(ForeignKey("guilds.id"), primary_key=True)
    subject: Mapped[Subject] = mapped_column(words(Subject, "subject"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[Place] = mapped_column(words(Place, "place"), primary_key=True)
    place_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    effect: Mapped[Effect] = mapped_column(words(Effect, "effect"))


class BlockedPictureRow(Base):
    """What a picture that was taken down looks like; orders from pictures that look the same are refused."""

    __tablename__ = "blocked_pictures"

    id: Mapped[int] = mapped_column(primary_key=True)
    guild_id: Mapped[int] = mapped_column(ForeignKey("guilds.id"), index=True)
    #: `core.phash.phash`.
    phash: Mapped[int]
    #: The job that it was a picture of; not a key, as the job may be erased.
    job_id: Mapped[str]
    created_at: Mapped[float] = mapped_column(default=now())


class ImagePolicyRow(Base):
    """What becomes, in one channel, of pictures that the safety checker holds back."""

    __tablename__ = "image_policies"

    guild_id: Mapped[int] = mapped_column(ForeignKey("guilds.id"), primary_key=True)
    #: The server's own id stands for all its channels that have no row.
    channel_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    policy: Mapped[ImagePolicy] = mapped_column(words(ImagePolicy, "policy"))
