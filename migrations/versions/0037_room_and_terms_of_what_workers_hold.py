"""What workers have room for, and which terms wait, as columns that jobs are routed by

Revision ID: 0037
Revises: 0036
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("worker_models", sa.Column("max_pixels", INTEGER))
    op.add_column("worker_models", sa.Column("awaits", sa.Text()))
    op.add_column("worker_addons", sa.Column("awaits", sa.Text()))
    op.add_column("job_needs", sa.Column("pixels", INTEGER, nullable=False, server_default="0"))
    # Workers say it themselves when they start; until then it is read from what they said before.
    for table in ("worker_models", "worker_addons"):
        _note_terms(table)


def _note_terms(name: str) -> None:
    columns = [sa.column("worker_id"), sa.column("name"), sa.column("spec", sa.JSON()), sa.column("awaits")]
    table = sa.table(name, *columns)
    rows = op.get_bind().execute(sa.select(table.c.worker_id, table.c.name, table.c.spec)).all()
    for worker_id, held, spec in rows:
        if spec.get("awaits_terms"):
            op.execute(
                table.update()
                .where(table.c.worker_id == worker_id, table.c.name == held)
                .values(awaits=spec["licence"])
            )


def downgrade() -> None:
    for table, column in (
        ("job_needs", "pixels"),
        ("worker_addons", "awaits"),
        ("worker_models", "awaits"),
        ("worker_models", "max_pixels"),
    ):
        op.drop_column(table, column)
