"""Who may draw how, with what and where

Revision ID: 0019
Revises: 0018
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "access_rules",
        sa.Column("guild_id", INTEGER, nullable=False),
        sa.Column("subject", sa.String(16), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("place", sa.String(16), nullable=False),
        sa.Column("place_id", INTEGER, autoincrement=False, nullable=False),
        sa.Column("effect", sa.String(16), nullable=False),
        sa.CheckConstraint("subject IN ('command', 'model')", name=op.f("ck_access_rules_subject")),
        sa.CheckConstraint("place IN ('role', 'channel')", name=op.f("ck_access_rules_place")),
        sa.CheckConstraint("effect IN ('deny', 'allow')", name=op.f("ck_access_rules_effect")),
        sa.ForeignKeyConstraint(["guild_id"], ["guilds.id"], name=op.f("fk_access_rules_guild_id")),
        sa.PrimaryKeyConstraint(
            "guild_id", "subject", "name", "place", "place_id", name=op.f("pk_access_rules")
        ),
    )


def downgrade() -> None:
    op.drop_table("access_rules")
