"""Who has jobs running, by an index of these alone

Revision ID: 0036
Revises: 0035
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    held = sa.text("worker_id IS NOT NULL")
    op.create_index("ix_jobs_running", "jobs", ["account_id"], sqlite_where=held, postgresql_where=held)


def downgrade() -> None:
    op.drop_index("ix_jobs_running", "jobs")
