"""Sanctions, roles that moderate, and an audit that only grows

Revision ID: 0012
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0004"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

#: What an update may not do. A member who has themselves erased becomes 0, what was said of them nothing.
_CHANGED = """
    NEW.id <> OLD.id OR NEW.action <> OLD.action OR NEW.created_at <> OLD.created_at
    OR NEW.actor_id NOT IN (OLD.actor_id, 0) OR NEW.subject NOT IN (OLD.subject, 'erased')
    OR COALESCE(NEW.guild_id, -1) <> COALESCE(OLD.guild_id, -1)
    OR COALESCE(CAST(NEW.detail AS TEXT), 'null') NOT IN (COALESCE(CAST(OLD.detail AS TEXT), 'null'), 'null')
"""


def upgrade() -> None:
    op.add_column("audit", sa.Column("guild_id", INTEGER, nullable=True))
    op.create_index(op.f("ix_audit_guild_id_id"), "audit", ["guild_id", "id"])
    op.create_table(
        "sanctions",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("guild_id", INTEGER, nullable=False),
        sa.Column("member_id", INTEGER, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_id", INTEGER, nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=True),
        sa.Column("lifted_at", sa.Double(), nullable=True),
        sa.CheckConstraint("kind IN ('ban', 'time-out', 'strike')", name=op.f("ck_sanctions_kind")),
        sa.ForeignKeyConstraint(["guild_id"], ["guilds.id"], name=op.f("fk_sanctions_guild_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_sanctions_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sanctions")),
    )
    op.create_index(op.f("ix_sanctions_guild_id_member_id"), "sanctions", ["guild_id", "member_id"])
    op.create_table(
        "moderator_roles",
        sa.Column("guild_id", INTEGER, nullable=False),
        sa.Column("role_id", INTEGER, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["guild_id"], ["guilds.id"], name=op.f("fk_moderator_roles_guild_id")),
        sa.PrimaryKeyConstraint("guild_id", "role_id", name=op.f("pk_moderator_roles")),
    )
    for statement in _guards(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    for statement in _unguards(op.get_bind().dialect.name):
        op.execute(statement)
    op.drop_table("moderator_roles")
    op.drop_table("sanctions")
    op.drop_index(op.f("ix_audit_guild_id_id"), table_name="audit")
    op.drop_column("audit", "guild_id")


def _guards(dialect: str) -> list[str]:
    """Refuse what the audit must not suffer, whoever asks."""
    if dialect == "sqlite":
        refuse = "BEGIN SELECT RAISE(ABORT, 'the audit only grows'); END"
        return [
            f"CREATE TRIGGER audit_kept BEFORE DELETE ON audit {refuse}",
            f"CREATE TRIGGER audit_unchanged BEFORE UPDATE ON audit WHEN {_CHANGED} {refuse}",
        ]
    return [
        "CREATE FUNCTION audit_refuses() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the audit only grows'; END $$",
        "CREATE TRIGGER audit_kept BEFORE DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_refuses()",
        "CREATE TRIGGER audit_unchanged BEFORE UPDATE ON audit FOR EACH ROW "
        f"WHEN ({_CHANGED}) EXECUTE FUNCTION audit_refuses()",
    ]


def _unguards(dialect: str) -> list[str]:
    on = "" if dialect == "sqlite" else " ON audit"
    drops = [f"DROP TRIGGER {name}{on}" for name in ("audit_kept", "audit_unchanged")]
    return drops if dialect == "sqlite" else [*drops, "DROP FUNCTION audit_refuses()"]
