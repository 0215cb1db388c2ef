"""When a job's first step was made is not kept: nothing asked for it

Revision ID: 0040
Revises: 0039
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("jobs", "first_step_at")


def downgrade() -> None:
    op.add_column("jobs", sa.Column("first_step_at", sa.Double(), nullable=True))
