"""The tables of votes, galleries, collections and contests; see `db.tables`."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from core.gallery import MAX_NAME_CHARACTERS, MAX_WORD_CHARACTERS, PostKind
from db.base import Base, words
from db.clock import now


class VoteRow(Base):
    """A member's ⭐ of a job: a favourite of theirs and, where the rules allow it (`db.votes`), a vote."""

    __tablename__ = "votes"
    __table_args__ = (Index("ix_votes_member_id_created_at", "member_id", "created_at"),)

    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"), primary_key=True)
    member_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    created_at: Mapped[float] = mapped_column(default=now())


class GallerySettingsRow(Base):
    """How a server's gallery works, where its managers said so."""

    __tablename__ = "gallery_settings"
    __table_args__ = (
        CheckConstraint("threshold > 0", "threshold"),
        CheckConstraint("min_account_days >= 0", "min_account_days"),
    )

    guild_id: Mapped[int] = mapped_column(ForeignKey("guilds.id"), primary_key=True, autoincrement=False)
    #: Where pictures with enough votes are posted; None is nowhere.
    channel_id: Mapped[int | None]
    threshold: Mapped[int]
    #: Votes of accounts that were younger when they voted do not count.
    min_account_days: Mapped[int]


class GalleryEntryRow(Base):
    """A published picture: one of a job's."""

    __tablename__ = "gallery_entries"
    __table_args__ = (
        Index("ix_gallery_entries_guild_id_id", "guild_id", "id"),
        Index("ix_gallery_entries_guild_id_votes_id", "guild_id", "votes", "id"),
        Index("ix_gallery_entries_member_id_id", "member_id", "id"),
        Index("ix_gallery_entries_member_id_votes_id", "member_id", "votes", "id"),
        # An id is a message's nonce, so none is given twice.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    guild_id: Mapped[int] = mapped_column(ForeignKey("guilds.id"))
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"), unique=True)
    #: Which of the job's pictures, 0-based.
    index: Mapped[int]
    member_id: Mapped[int]
    #: It is shown in age-restricted channels only.
    age_restricted: Mapped[bool] = mapped_column(default=False, server_default=false())
    #: Those of the job's votes that count; the keeper mends it soon after a voter's ban ran out.
    votes: Mapped[int] = mapped_column(default=0, server_default="0")
    created_at: Mapped[float] = mapped_column(default=now())


class GalleryWordRow(Base):
    """A word of an entry's prompt, or a tag (with a # before it), for the search."""

    __tablename__ = "gallery_words"
    __table_args__ = (
        Index("ix_gallery_words_guild_id_word_votes_entry_id", "guild_id", "word", "votes", "entry_id"),
    )

    guild_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    word: Mapped[str] = mapped_column(String(MAX_WORD_CHARACTERS), primary_key=True)
    entry_id: Mapped[int] = mapped_column(
        ForeignKey("gallery_entries.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    #: The entry's.
    votes: Mapped[int]


class GalleryPostRow(Base):
    """A message that the bot keeps as its subject is: posted once, edited, taken away."""

    __tablename__ = "gallery_posts"

    kind: Mapped[PostKind] = mapped_column(words(PostKind, "kind"), primary_key=True)
    #: The entry's or contest's id; the message goes once there is none.
    subject_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    guild_id: Mapped[int]
    channel_id: Mapped[int]
    #: Kept where it was deleted, so that it is not posted anew.
    message_id: Mapped[int | None]
    #: Moves whenever the message has to change.
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    #: When the bot has to look at it; None: the message is as it should be.
    due_at: Mapped[float | None] = mapped_column(default=now(), index=True)
    #: Fencing token together with the key.
    attempt: Mapped[int] = mapped_column(default=0, server_default="0")
    lease_until: Mapped[float | None]
    #: Why Discord did not take it.
    reason: Mapped[str | None]
    created_at: Mapped[float] = mapped_column(default=now())


class CollectionRow(Base):
    """A member's pictures under a name, in one server."""

    __tablename__ = "collections"
    __table_args__ = (UniqueConstraint("guild_id", "member_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    guild_id: Mapped[int] = mapped_column(ForeignKey("guilds.id"))
    member_id: Mapped[int] = mapped_column(index=True)
    name: Mapped[str] = mapped_column(String(MAX_NAME_CHARACTERS))
    #: The name, whatever its capitals.
    key: Mapped[str]
    #: Others of the server may look at it.
    shared: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[float] = mapped_column(default=now())


class CollectionItemRow(Base):
    __tablename__ = "collection_items"

    collection_id: Mapped[int] = mapped_column(
        ForeignKey("collections.id", ondelete="CASCADE"), primary_key=True
    )
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"), primary_key=True, index=True)
    #: Which of the job's pictures, 0-based.
    index: Mapped[int]
    added_at: Mapped[float] = mapped_column(default=now())


class ContestRow(Base):
    """A contest; kept when it is over."""

    __tablename__ = "contests"
    __table_args__ = (
        # One at a time in a server.
        Index(
            "uq_contests_open",
            "guild_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_contests_ended_at_closes_at", "ended_at", "closes_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    guild_id: Mapped[int] = mapped_column(ForeignKey("guilds.id"))
    channel_id: Mapped[int]
    theme: Mapped[str]
    #: Who began it.
    by_id: Mapped[int]
    created_at: Mapped[float] = mapped_column(default=now())
    closes_at: Mapped[float]
    #: When it was closed or cancelled.
    ended_at: Mapped[float | None]
    cancelled: Mapped[bool] = mapped_column(default=False, server_default=false())


class ContestEntryRow(Base):
    """A member's picture in a contest."""

    __tablename__ = "contest_entries"

    contest_id: Mapped[int] = mapped_column(ForeignKey("contests.id"), primary_key=True)
    member_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    entry_id: Mapped[int] = mapped_column(ForeignKey("gallery_entries.id", ondelete="CASCADE"), index=True)
    #: Votes at the closing time; None before it.
    votes: Mapped[int | None]
    entered_at: Mapped[float] = mapped_column(default=now())
