"""Pictures that the safety checker flags: shown behind a spoiler, or kept until a moderator has looked

Revision ID: 0029
Revises: 0034
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0034"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    # Plain columns with a default: rebuilding a table of jobs would take long where there are many.
    op.add_column(
        "jobs", sa.Column("age_restricted", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("jobs", sa.Column("image_policy", sa.String(16), nullable=False, server_default="block"))
    op.add_column("jobs", sa.Column("images_held", INTEGER, nullable=False, server_default="0"))
    op.add_column("images", sa.Column("flagged", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("images", sa.Column("held", sa.Boolean(), nullable=False, server_default=sa.false()))
    held = sa.text("images_held > 0")
    op.create_index(
        "ix_jobs_held", "jobs", ["guild_id", "finished_at"], sqlite_where=held, postgresql_where=held
    )
    op.create_table(
        "image_policies",
        sa.Column("guild_id", INTEGER, nullable=False),
        sa.Column("channel_id", INTEGER, autoincrement=False, nullable=False),
        sa.Column("policy", sa.String(16), nullable=False),
        sa.CheckConstraint(
            "policy IN ('block', 'spoiler', 'quarantine')", name=op.f("ck_image_policies_policy")
        ),
        sa.ForeignKeyConstraint(["guild_id"], ["guilds.id"], name=op.f("fk_image_policies_guild_id")),
        sa.PrimaryKeyConstraint("guild_id", "channel_id", name=op.f("pk_image_policies")),
    )
    _set_kinds("'grant', 'hold', 'refund', 'rejected'")


def downgrade() -> None:
    # What was given back stays given back.
    op.execute("UPDATE ledger SET kind = 'refund' WHERE kind = 'rejected'")
    _set_kinds("'grant', 'hold', 'refund'")
    op.drop_table("image_policies")
    op.drop_index("ix_jobs_held", "jobs")
    for table, column in (
        ("images", "held"),
        ("images", "flagged"),
        ("jobs", "images_held"),
        ("jobs", "image_policy"),
        ("jobs", "age_restricted"),
    ):
        op.drop_column(table, column)


def _set_kinds(kinds: str) -> None:
    with op.batch_alter_table("ledger") as table:
        table.drop_constraint(op.f("ck_ledger_kind"), type_="check")
        table.create_check_constraint(op.f("ck_ledger_kind"), f"kind IN ({kinds})")
