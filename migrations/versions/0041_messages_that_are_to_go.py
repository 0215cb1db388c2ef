"""Messages that are to go from Discord, and whose direct messages a copy lies in

Revision ID: 0041
Revises: 0040
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "message_removals",
        sa.Column("message_id", INTEGER, nullable=False),
        sa.Column("channel_id", INTEGER, nullable=False),
        sa.Column("attempt", INTEGER, nullable=False),
        sa.Column("due_at", sa.Double(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_message_removals")),
    )
    op.create_index(op.f("ix_message_removals_due_at"), "message_removals", ["due_at"])
    op.add_column("job_copies", sa.Column("member_id", INTEGER, nullable=True))
    # Who asked for a copy was not kept: most did for pictures of their own.
    op.execute(
        "UPDATE job_copies SET member_id = (SELECT member_id FROM jobs WHERE jobs.id = job_copies.job_id)"
    )
    with op.batch_alter_table("job_copies") as copies:
        copies.alter_column("member_id", existing_type=INTEGER, nullable=False)
    op.create_index(op.f("ix_job_copies_member_id"), "job_copies", ["member_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_job_copies_member_id"), "job_copies")
    op.drop_column("job_copies", "member_id")
    op.drop_table("message_removals")
