"""Tiers by role, refills, and how fast models are

Revision ID: 0025
Revises: 0032
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0032"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
#: A refill's row names its time, and there is one of each for an account.
REFILL = "substr(reason, 1, 7) = 'refill '"


def upgrade() -> None:
    op.create_table(
        "tiers",
        sa.Column("guild_id", INTEGER, nullable=False),
        sa.Column("role_id", INTEGER, autoincrement=False, nullable=False),
        *_limits(),
        sa.Column("weight", sa.Double(), nullable=False),
        sa.CheckConstraint("weight > 0", name=op.f("ck_tiers_weight")),
        sa.ForeignKeyConstraint(["guild_id"], ["guilds.id"], name=op.f("fk_tiers_guild_id")),
        sa.PrimaryKeyConstraint("guild_id", "role_id", name=op.f("pk_tiers")),
    )
    op.create_table(
        "quota_rules",
        sa.Column("guild_id", INTEGER, nullable=False),
        sa.Column("refill_hours", INTEGER, nullable=False),
        sa.Column("confirm_above", INTEGER, nullable=True),
        sa.ForeignKeyConstraint(["guild_id"], ["guilds.id"], name=op.f("fk_quota_rules_guild_id")),
        sa.PrimaryKeyConstraint("guild_id", name=op.f("pk_quota_rules")),
    )
    op.create_table(
        "account_tiers",
        sa.Column("account_id", INTEGER, autoincrement=False, nullable=False),
        *_limits(),
        sa.Column("refill_due_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_account_tiers_account_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_account_tiers")),
    )
    op.create_index(op.f("ix_account_tiers_refill_due_at"), "account_tiers", ["refill_due_at"])
    op.create_index(op.f("ix_account_tiers_retention"), "account_tiers", ["retention"])
    # What everybody had so far; the first refill is due at once.
    op.execute("INSERT INTO account_tiers SELECT id, 100, 1000, 20, 20, NULL, 0.0 FROM accounts")
    _create_speeds()
    op.create_index(
        "uq_ledger_refill",
        "ledger",
        ["account_id", "reason"],
        unique=True,
        sqlite_where=sa.text(REFILL),
        postgresql_where=sa.text(REFILL),
    )


def _limits() -> list[sa.Column[int]]:
    return [sa.Column(name, INTEGER, nullable=False) for name in ("refill", "cap", "jobs", "running")] + [
        sa.Column("retention", INTEGER, nullable=True)
    ]


def _create_speeds() -> None:
    op.create_table(
        "speeds",
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("seconds_per_work", sa.Double(), nullable=False),
        sa.Column("jobs", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("model", "device", name=op.f("pk_speeds")),
    )
    op.create_table(
        "worker_clocks",
        sa.Column("worker_id", sa.Text(), nullable=False),
        sa.Column("clock", sa.Double(), nullable=False),
        sa.Column("read_at", sa.Double(), nullable=False),
        sa.Column("pictures", INTEGER, nullable=False),
        sa.ForeignKeyConstraint(
            ["worker_id"], ["workers.id"], name=op.f("fk_worker_clocks_worker_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("worker_id", name=op.f("pk_worker_clocks")),
    )
    op.create_table(
        "job_meters",
        sa.Column("job_id", sa.String(16), nullable=False),
        sa.Column("worker_id", sa.Text(), nullable=False),
        sa.Column("clock", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_job_meters_job_id")),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_job_meters")),
    )


def downgrade() -> None:
    op.drop_index("uq_ledger_refill", "ledger")
    for table in ("job_meters", "worker_clocks", "speeds", "account_tiers", "quota_rules", "tiers"):
        op.drop_table(table)
