"""Reports of pictures, and appeals against sanctions

Revision ID: 0018
Revises: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0013"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "reports",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("guild_id", INTEGER, nullable=False),
        sa.Column("job_id", sa.String(16), nullable=False),
        sa.Column("reporter_id", INTEGER, nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("ruling", sa.String(16), nullable=True),
        sa.Column("ruled_by", INTEGER, nullable=True),
        sa.Column("ruled_at", sa.Double(), nullable=True),
        sa.CheckConstraint("ruling IN ('approve', 'remove', 'strike')", name=op.f("ck_reports_ruling")),
        sa.ForeignKeyConstraint(["guild_id"], ["guilds.id"], name=op.f("fk_reports_guild_id")),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_reports_job_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
        sa.UniqueConstraint("job_id", "reporter_id", name=op.f("uq_reports_job_id_reporter_id")),
    )
    op.create_index(op.f("ix_reports_guild_id_ruling"), "reports", ["guild_id", "ruling"])
    op.create_table(
        "appeals",
        sa.Column("sanction_id", INTEGER, autoincrement=False, nullable=False),
        sa.Column("guild_id", INTEGER, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=True),
        sa.Column("ruled_by", INTEGER, nullable=True),
        sa.Column("ruled_at", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["guild_id"], ["guilds.id"], name=op.f("fk_appeals_guild_id")),
        sa.ForeignKeyConstraint(["sanction_id"], ["sanctions.id"], name=op.f("fk_appeals_sanction_id")),
        sa.PrimaryKeyConstraint("sanction_id", name=op.f("pk_appeals")),
    )
    op.create_index(op.f("ix_appeals_guild_id"), "appeals", ["guild_id"])


def downgrade() -> None:
    op.drop_table("appeals")
    op.drop_table("reports")
