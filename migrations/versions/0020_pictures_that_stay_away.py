"""What pictures that were taken down look like

Revision ID: 0020
Revises: 0019
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "blocked_pictures",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("guild_id", INTEGER, nullable=False),
        sa.Column("phash", INTEGER, nullable=False),
        sa.Column("job_id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["guild_id"], ["guilds.id"], name=op.f("fk_blocked_pictures_guild_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blocked_pictures")),
    )
    op.create_index(op.f("ix_blocked_pictures_guild_id"), "blocked_pictures", ["guild_id"])


def downgrade() -> None:
    op.drop_table("blocked_pictures")
