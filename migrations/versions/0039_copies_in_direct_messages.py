"""Copies of pictures in direct messages, so that they go when the pictures do

Revision ID: 0039
Revises: 0038
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "job_copies",
        sa.Column("message_id", INTEGER, nullable=False),
        sa.Column("channel_id", INTEGER, nullable=False),
        sa.Column("job_id", sa.String(16), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_job_copies_job_id")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_job_copies")),
    )
    op.create_index(op.f("ix_job_copies_job_id"), "job_copies", ["job_id"])


def downgrade() -> None:
    op.drop_table("job_copies")
