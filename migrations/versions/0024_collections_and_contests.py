"""Members' collections, and contests

Revision ID: 0024
Revises: 0023
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "collections",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("guild_id", INTEGER, nullable=False),
        sa.Column("member_id", INTEGER, nullable=False),
        sa.Column("name", sa.String(50), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("shared", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["guild_id"], ["guilds.id"], name=op.f("fk_collections_guild_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collections")),
        sa.UniqueConstraint(
            "guild_id", "member_id", "key", name=op.f("uq_collections_guild_id_member_id_key")
        ),
    )
    op.create_index(op.f("ix_collections_member_id"), "collections", ["member_id"])
    op.create_table(
        "collection_items",
        sa.Column("collection_id", INTEGER, nullable=False),
        sa.Column("job_id", sa.String(16), nullable=False),
        sa.Column("index", INTEGER, nullable=False),
        sa.Column("added_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["collection_id"],
            ["collections.id"],
            name=op.f("fk_collection_items_collection_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_collection_items_job_id")),
        sa.PrimaryKeyConstraint("collection_id", "job_id", name=op.f("pk_collection_items")),
    )
    op.create_index(op.f("ix_collection_items_job_id"), "collection_items", ["job_id"])
    _contests()


def _contests() -> None:
    op.create_table(
        "contests",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("guild_id", INTEGER, nullable=False),
        sa.Column("channel_id", INTEGER, nullable=False),
        sa.Column("theme", sa.Text(), nullable=False),
        sa.Column("by_id", INTEGER, nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("closes_at", sa.Double(), nullable=False),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.Column("cancelled", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["guild_id"], ["guilds.id"], name=op.f("fk_contests_guild_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contests")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_contests_ended_at_closes_at"), "contests", ["ended_at", "closes_at"])
    open_one = sa.text("ended_at IS NULL")
    op.create_index(
        op.f("uq_contests_open"),
        "contests",
        ["guild_id"],
        unique=True,
        sqlite_where=open_one,
        postgresql_where=open_one,
    )
    op.create_table(
        "contest_entries",
        sa.Column("contest_id", INTEGER, nullable=False),
        sa.Column("member_id", INTEGER, autoincrement=False, nullable=False),
        sa.Column("entry_id", INTEGER, nullable=False),
        sa.Column("votes", INTEGER, nullable=True),
        sa.Column("entered_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["contest_id"], ["contests.id"], name=op.f("fk_contest_entries_contest_id")),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["gallery_entries.id"],
            name=op.f("fk_contest_entries_entry_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("contest_id", "member_id", name=op.f("pk_contest_entries")),
    )
    op.create_index(op.f("ix_contest_entries_entry_id"), "contest_entries", ["entry_id"])


def downgrade() -> None:
    op.drop_table("contest_entries")
    op.drop_table("contests")
    op.drop_table("collection_items")
    op.drop_table("collections")
