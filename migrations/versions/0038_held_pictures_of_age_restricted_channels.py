"""Pictures that are held for the next command stay in age-restricted channels where they come from one

Revision ID: 0038
Revises: 0037
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column("age_restricted", sa.Boolean(), server_default=sa.false(), nullable=False)
    op.add_column("held_inputs", column)


def downgrade() -> None:
    op.drop_column("held_inputs", "age_restricted")
