"""What a job needs

Revision ID: 0034
Revises: 0025
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "job_needs",
        sa.Column("job_id", sa.String(16), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id"], ["jobs.id"], name=op.f("fk_job_needs_job_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("job_id", "kind", "name", name=op.f("pk_job_needs")),
    )
    # Jobs that wait already go where they would have gone.
    op.execute(
        "INSERT INTO job_needs (job_id, kind, name)"
        " SELECT id, 'model', model FROM jobs WHERE state IN ('queued', 'running')"
    )


def downgrade() -> None:
    op.drop_table("job_needs")
