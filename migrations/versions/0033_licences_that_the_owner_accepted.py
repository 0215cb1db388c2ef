"""Licences that the owner accepted

Revision ID: 0033
Revises: 0027
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "accepted_licences",
        sa.Column("licence", sa.Text(), nullable=False),
        sa.Column("accepted_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("licence", name=op.f("pk_accepted_licences")),
    )


def downgrade() -> None:
    op.drop_table("accepted_licences")
