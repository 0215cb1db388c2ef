"""What a server's prompts may hold or not. Rules are added and marked as removed, never changed."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from core.wordlist import Rule
from db.clock import now
from db.moderation_tables import FilterRuleRow
from db.once import insert_once
from db.tables import GuildRow

#: Rules in one statement: a database takes so many parameters at once.
_AT_ONCE = 500


def rules_of(session: Session, guild_id: int) -> list[Rule]:
    """The rules that a server has now, in the order in which they came."""
    query = select(FilterRuleRow.effect, FilterRuleRow.kind, FilterRuleRow.text)
    rows = session.execute(query.where(_current(guild_id)).order_by(FilterRuleRow.id)).tuples()
    return [Rule(effect=effect, kind=kind, text=text) for effect, kind, text in rows]


def revision_of(session: Session, guild_id: int) -> tuple[int, int]:
    """Another one whenever the server's rules have changed."""
    added, removed = session.execute(
        select(func.max(FilterRuleRow.id), func.count(FilterRuleRow.removed_at)).where(
            FilterRuleRow.guild_id == guild_id
        )
    ).one()
    return added or 0, removed


def add_rules(session: Session, guild_id: int, rules: Sequence[Rule]) -> int:
    """Add those that the server does not have yet; how many there were."""
    insert_once(session, GuildRow, id=guild_id)
    # One addition at a time, so that two that arrive together add a rule once.
    session.scalar(select(GuildRow.id).where(GuildRow.id == guild_id).with_for_update(key_share=True))
    known = set(rules_of(session, guild_id))
    new = [rule for rule in dict.fromkeys(rules) if rule not in known]
    session.add_all(
        FilterRuleRow(guild_id=guild_id, effect=rule.effect, kind=rule.kind, text=rule.text) for rule in new
    )
    session.flush()
    return len(new)


def remove_rules(session: Session, guild_id: int, texts: Collection[str]) -> int:
    """Remove the rules of these texts, whatever they do; how many there were."""
    removed = 0
    wanted = sorted(texts)
    for start in range(0, len(wanted), _AT_ONCE):
        found = session.execute(
            update(FilterRuleRow)
            .where(_current(guild_id), FilterRuleRow.text.in_(wanted[start : start + _AT_ONCE]))
            .values(removed_at=now())
            .returning(FilterRuleRow.id)
            .execution_options(synchronize_session=False)
        )
        removed += len(found.all())
    return removed


def _current(guild_id: int) -> ColumnElement[bool]:
    return (FilterRuleRow.guild_id == guild_id) & FilterRuleRow.removed_at.is_(None)
