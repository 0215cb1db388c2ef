"""Add-ons of workers; maps among the pictures

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "worker_addons",
        sa.Column("worker_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("spec", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["worker_id"],
            ["workers.id"],
            name=op.f("fk_worker_addons_worker_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("worker_id", "kind", "name", name=op.f("pk_worker_addons")),
    )
    _set_kinds("'result', 'grid', 'map'")


def downgrade() -> None:
    op.execute("DELETE FROM images WHERE kind = 'map'")
    _set_kinds("'result', 'grid'")
    op.drop_table("worker_addons")


def _set_kinds(kinds: str) -> None:
    with op.batch_alter_table("images") as images:
        images.drop_constraint(op.f("ck_images_kind"), type_="check")
        images.create_check_constraint(op.f("ck_images_kind"), f"kind IN ({kinds})")
