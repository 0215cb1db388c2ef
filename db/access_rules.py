"""A server's rules about who may draw how, with what and where."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.access import AccessRule
from db.moderation_tables import AccessRuleRow
from db.once import insert_once
from db.tables import GuildRow


def access_rules(session: Session, guild_id: int) -> list[AccessRule]:
    """By subject, name, place and id."""
    row = AccessRuleRow
    query = select(row).where(row.guild_id == guild_id)
    return [
        AccessRule(
            subject=found.subject,
            name=found.name,
            effect=found.effect,
            place=found.place,
            place_id=found.place_id,
        )
        for found in session.scalars(query.order_by(row.subject, row.name, row.place, row.place_id))
    ]


def set_access(session: Session, guild_id: int, rule: AccessRule) -> None:
    """Set a rule, in place of the one for the same subject and place."""
    clear_access(session, guild_id, rule)
    insert_once(session, GuildRow, id=guild_id)
    insert_once(session, AccessRuleRow, guild_id=guild_id, **asdict(rule))


def clear_access(session: Session, guild_id: int, rule: AccessRule) -> bool:
    """Drop the rule for this subject and place, whatever its effect; False where there is none."""
    row = AccessRuleRow
    gone = session.execute(
        delete(row)
        .where(
            row.guild_id == guild_id,
            row.subject == rule.subject,
            row.name == rule.name,
            row.place == rule.place,
            row.place_id == rule.place_id,
        )
        .returning(row.place_id)
        .execution_options(synchronize_session=False)
    )
    return gone.first() is not None
