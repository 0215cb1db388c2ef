"""The tables of settings and switches; see `db.tables`."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.clock import now


class SettingRow(Base):
    """What a member, a channel or a server prefers (`core.preferences`)."""

    __tablename__ = "settings"

    #: Whose: a `core.preferences.Level`.
    level: Mapped[str] = mapped_column(primary_key=True)
    #: The member's, channel's or server's id.
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class SwitchRow(Base):
    """What is switched off for now, for a server or (0) for the whole studio (`core.switches`)."""

    __tablename__ = "switches"

    kind: Mapped[str] = mapped_column(primary_key=True)
    #: Of a model or a worker; empty where there is one of the kind.
    name: Mapped[str] = mapped_column(primary_key=True)
    guild_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    by_id: Mapped[int]
    reason: Mapped[str]
    created_at: Mapped[float] = mapped_column(default=now())


class StyleRow(Base):
    """A style that a server has of its own (`core.styles.Style`)."""

    __tablename__ = "styles"

    guild_id: Mapped[int] = mapped_column(ForeignKey("guilds.id"), primary_key=True)
    #: The name, whatever its capitals.
    key: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    prompt: Mapped[str]
    negative_prompt: Mapped[str]
