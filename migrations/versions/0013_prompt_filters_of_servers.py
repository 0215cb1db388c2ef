"""Words and patterns that a server's prompts may hold or not

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "filter_rules",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("guild_id", INTEGER, nullable=False),
        sa.Column("effect", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("removed_at", sa.Double(), nullable=True),
        sa.CheckConstraint("effect IN ('deny', 'allow')", name=op.f("ck_filter_rules_effect")),
        sa.CheckConstraint("kind IN ('words', 'pattern')", name=op.f("ck_filter_rules_kind")),
        sa.ForeignKeyConstraint(["guild_id"], ["guilds.id"], name=op.f("fk_filter_rules_guild_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filter_rules")),
    )
    op.create_index(op.f("ix_filter_rules_guild_id_removed_at"), "filter_rules", ["guild_id", "removed_at"])


def downgrade() -> None:
    op.drop_table("filter_rules")
