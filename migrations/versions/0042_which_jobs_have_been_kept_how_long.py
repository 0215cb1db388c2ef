"""Which of an account's jobs ended when, deleted ones left out: what retention looks through

Revision ID: 0042
Revises: 0041
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    kept = sa.text("deleted_at IS NULL")
    columns = ["account_id", "finished_at"]
    op.create_index("ix_jobs_kept", "jobs", columns, sqlite_where=kept, postgresql_where=kept)
    op.drop_index("ix_jobs_finished_at", "jobs")


def downgrade() -> None:
    op.create_index("ix_jobs_finished_at", "jobs", ["finished_at"])
    op.drop_index("ix_jobs_kept", "jobs")
