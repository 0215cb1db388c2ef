"""Tiers by Discord role, the tier that each account has, and what a server says about quotas."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import asdict, dataclass
from functools import cache

from sqlalchemy import Select, delete, func, literal, select, update
from sqlalchemy.orm import Session, aliased

from core.tiers import STANDARD, Tier, best
from db.account_tables import AccountTierRow, QuotaRuleRow, TierRow
from db.clock import now
from db.once import insert_once
from db.tables import AccountRow, GuildRow, JobRow

#: Hours between two refills, where a server says nothing else.
DAY_H = 24


@dataclass(frozen=True, kw_only=True)
class QuotaRules:
    """What holds for a whole server."""

    #: Hours between two refills.
    refill_hours: int = DAY_H
    #: A command that costs more credits asks first; None: what is usual.
    confirm_above: int | None = None


def tiers_of(session: Session, guild_id: int) -> dict[int, Tier]:
    """A server's tiers by role; its own id is the role that everybody has."""
    rows = session.scalars(select(TierRow).where(TierRow.guild_id == guild_id).order_by(TierRow.role_id))
    return {row.role_id: _tier(row, row.weight) for row in rows}


def set_tier(session: Session, guild_id: int, role_id: int, tier: Tier) -> None:
    """Set what a role gives, in place of what it gave."""
    clear_tier(session, guild_id, role_id)
    insert_once(session, GuildRow, id=guild_id)
    insert_once(session, TierRow, guild_id=guild_id, role_id=role_id, **asdict(tier))


def clear_tier(session: Session, guild_id: int, role_id: int) -> bool:
    """A role gives nothing any more; False where it gave nothing."""
    gone = session.execute(
        delete(TierRow)
        .where(TierRow.guild_id == guild_id, TierRow.role_id == role_id)
        .returning(TierRow.role_id)
        .execution_options(synchronize_session=False)
    )
    return gone.first() is not None


def quota_rules(session: Session, guild_id: int) -> QuotaRules:
    row = session.get(QuotaRuleRow, guild_id)
    if row is None:
        return QuotaRules()
    return QuotaRules(refill_hours=row.refill_hours, confirm_above=row.confirm_above)


def set_quota_rules(session: Session, guild_id: int, rules: QuotaRules) -> None:
    """Set them; who waits for a refill gets it no later than by the new hours."""
    session.execute(delete(QuotaRuleRow).where(QuotaRuleRow.guild_id == guild_id))
    insert_once(session, GuildRow, id=guild_id)
    insert_once(session, QuotaRuleRow, guild_id=guild_id, **asdict(rules))
    accounts = select(AccountRow.id).where(AccountRow.guild_id == guild_id)
    session.execute(
        update(AccountTierRow)
        .where(AccountTierRow.account_id.in_(accounts))
        .values(refill_due_at=next_refill(session, rules.refill_hours))
        .execution_options(synchronize_session=False)
    )


def settle_tier(session: Session, account_id: int, guild_id: int, role_ids: Collection[int]) -> Tier:
    """The best of what the member's roles give, kept with the account for what happens without the member."""
    mine = {guild_id, *role_ids}
    tiers = {guild_id: STANDARD} | tiers_of(session, guild_id)
    tier = best([tier for role_id, tier in tiers.items() if role_id in mine])
    if account_tier(session, account_id) == tier:
        return tier
    limits = asdict(tier)
    weight = limits.pop("weight")
    hours = quota_rules(session, guild_id).refill_hours
    # First the tier, then the account, as a refill locks them.
    if not insert_once(
        session, AccountTierRow, account_id=account_id, refill_due_at=next_refill(session, hours), **limits
    ):
        changed = update(AccountTierRow).where(AccountTierRow.account_id == account_id).values(limits)
        session.execute(changed.execution_options(synchronize_session=False))
    session.execute(update(AccountRow).where(AccountRow.id == account_id).values(weight=weight))
    return tier


def account_tier(session: Session, account_id: int) -> Tier | None:
    """The tier that an account had last; None before its member's first command."""
    query = select(AccountTierRow, AccountRow.weight).join(AccountRow).where(AccountRow.id == account_id)
    found = session.execute(query.execution_options(populate_existing=True)).first()
    return None if found is None else _tier(found[0], found[1])


def refill_due_at(session: Session, account_id: int) -> float:
    """When the next refill of an account that has a tier comes."""
    due = select(AccountTierRow.refill_due_at).where(AccountTierRow.account_id == account_id)
    return session.scalars(due).one()


def next_refill(session: Session, hours: int) -> float:
    """The next time by the database's clock that is a whole number of so many hours since 1970, UTC."""
    period_s = hours * 3600.0
    return (math.floor(session.scalars(select(now())).one() / period_s) + 1) * period_s


@cache
def full_accounts() -> Select[int]:
    """Accounts that have as many jobs running as their tier allows; those without one may run any number."""
    # Kept, since an alias of so wide a table takes longer to make than the query to run.
    job = aliased(JobRow)
    return (
        select(job.account_id)
        .join(AccountTierRow, AccountTierRow.account_id == job.account_id)
        # What a worker holds is what runs. By these words it has an index of its own, where a planner that
        # knows only how often each state occurs would walk every job that there ever was.
        .where(job.worker_id.is_not(None))
        .group_by(job.account_id, AccountTierRow.running)
        .having(func.count() >= AccountTierRow.running)
    )


def may_run_more(session: Session, account_id: int) -> bool:
    """The same for one account, which stays locked, so that two workers can't both take the last place."""
    session.execute(select(AccountRow.id).where(AccountRow.id == account_id).with_for_update(key_share=True))
    full = session.scalar(select(literal(True)).where(literal(account_id).in_(full_accounts())))
    return not full


def _tier(row: TierRow | AccountTierRow, weight: float) -> Tier:
    return Tier(
        refill=row.refill,
        cap=row.cap,
        jobs=row.jobs,
        running=row.running,
        weight=weight,
        retention=row.retention,
    )
