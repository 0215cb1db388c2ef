"""Galleries: votes, published pictures, their words and messages

Revision ID: 0023
Revises: 0029
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0029"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "votes",
        sa.Column("job_id", sa.String(16), nullable=False),
        sa.Column("member_id", INTEGER, autoincrement=False, nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_votes_job_id")),
        sa.PrimaryKeyConstraint("job_id", "member_id", name=op.f("pk_votes")),
    )
    op.create_index(op.f("ix_votes_member_id_created_at"), "votes", ["member_id", "created_at"])
    op.create_table(
        "gallery_settings",
        sa.Column("guild_id", INTEGER, autoincrement=False, nullable=False),
        sa.Column("channel_id", INTEGER, nullable=True),
        sa.Column("threshold", INTEGER, nullable=False),
        sa.Column("min_account_days", INTEGER, nullable=False),
        sa.CheckConstraint("threshold > 0", name=op.f("ck_gallery_settings_threshold")),
        sa.CheckConstraint("min_account_days >= 0", name=op.f("ck_gallery_settings_min_account_days")),
        sa.ForeignKeyConstraint(["guild_id"], ["guilds.id"], name=op.f("fk_gallery_settings_guild_id")),
        sa.PrimaryKeyConstraint("guild_id", name=op.f("pk_gallery_settings")),
    )
    _entries()
    op.create_table(
        "gallery_posts",
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("subject_id", INTEGER, autoincrement=False, nullable=False),
        sa.Column("guild_id", INTEGER, nullable=False),
        sa.Column("channel_id", INTEGER, nullable=False),
        sa.Column("message_id", INTEGER, nullable=True),
        sa.Column("version", INTEGER, server_default="1", nullable=False),
        sa.Column("due_at", sa.Double(), nullable=True),
        sa.Column("attempt", INTEGER, server_default="0", nullable=False),
        sa.Column("lease_until", sa.Double(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.CheckConstraint("kind IN ('entry', 'contest', 'winners')", name=op.f("ck_gallery_posts_kind")),
        sa.PrimaryKeyConstraint("kind", "subject_id", name=op.f("pk_gallery_posts")),
    )
    op.create_index(op.f("ix_gallery_posts_due_at"), "gallery_posts", ["due_at"])


def _entries() -> None:
    entries = "gallery_entries"
    op.create_table(
        entries,
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("guild_id", INTEGER, nullable=False),
        sa.Column("job_id", sa.String(16), nullable=False),
        sa.Column("index", INTEGER, nullable=False),
        sa.Column("member_id", INTEGER, nullable=False),
        sa.Column("age_restricted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("votes", INTEGER, server_default="0", nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["guild_id"], ["guilds.id"], name=op.f("fk_gallery_entries_guild_id")),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_gallery_entries_job_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gallery_entries")),
        sa.UniqueConstraint("job_id", name=op.f("uq_gallery_entries_job_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_gallery_entries_guild_id_id"), entries, ["guild_id", "id"])
    op.create_index(op.f("ix_gallery_entries_guild_id_votes_id"), entries, ["guild_id", "votes", "id"])
    op.create_index(op.f("ix_gallery_entries_member_id_id"), entries, ["member_id", "id"])
    op.create_index(op.f("ix_gallery_entries_member_id_votes_id"), entries, ["member_id", "votes", "id"])
    words = "gallery_words"
    op.create_table(
        words,
        sa.Column("guild_id", INTEGER, autoincrement=False, nullable=False),
        sa.Column("word", sa.String(40), nullable=False),
        sa.Column("entry_id", INTEGER, nullable=False),
        sa.Column("votes", INTEGER, nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["gallery_entries.id"],
            name=op.f("fk_gallery_words_entry_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("guild_id", "word", "entry_id", name=op.f("pk_gallery_words")),
    )
    op.create_index(op.f("ix_gallery_words_entry_id"), words, ["entry_id"])
    op.create_index(
        op.f("ix_gallery_words_guild_id_word_votes_entry_id"),
        words,
        ["guild_id", "word", "votes", "entry_id"],
    )


def downgrade() -> None:
    op.drop_table("gallery_posts")
    op.drop_table("gallery_words")
    op.drop_table("gallery_entries")
    op.drop_table("gallery_settings")
    op.drop_table("votes")
