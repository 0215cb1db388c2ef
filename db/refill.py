"""Refills: each account gets its tier's credits once in a period of its server, up to the tier's cap.

The ledger's row names the time that it was due, of which an account can have one; so a keeper that was
restarted, and a second one, refill nobody twice. Times are the database's.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.jobs import LedgerKind
from db.account_tables import AccountTierRow
from db.clock import now
from db.once import insert_once
from db.tables import AccountRow, LedgerRow
from db.tiers import next_refill, quota_rules


def refill_due(session: Session, limit: int = 200) -> int:
    """Refill accounts whose time has come; how many were looked at. Where it is `limit`, there may be more.

    Nobody gets twice as much for a keeper that was away: what was missed is not made up for.
    """
    due = session.scalars(
        select(AccountTierRow)
        .where(AccountTierRow.refill_due_at <= now())
        .order_by(AccountTierRow.refill_due_at, AccountTierRow.account_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    # In one order, as every transaction that changes several balances.
    for row in sorted(due, key=lambda row: row.account_id):
        _refill(session, row)
    return len(due)


def _refill(session: Session, row: AccountTierRow) -> None:
    # No key: a submit under way may have written a job for it.
    locked = select(AccountRow).where(AccountRow.id == row.account_id).with_for_update(key_share=True)
    account = session.scalars(locked.execution_options(populate_existing=True)).one()
    hours = quota_rules(session, account.guild_id).refill_hours
    following = next_refill(session, hours)
    credits = min(row.refill, row.cap - account.balance)
    reason = f"refill {datetime.fromtimestamp(following - hours * 3600.0, UTC):%Y-%m-%dT%H:%MZ}"
    if credits > 0 and insert_once(
        session,
        LedgerRow,
        account_id=account.id,
        kind=LedgerKind.GRANT,
        amount=credits,
        reason=reason,
    ):
        session.execute(
            update(AccountRow).where(AccountRow.id == account.id).values(balance=AccountRow.balance + credits)
        )
    session.execute(
        update(AccountTierRow)
        .where(AccountTierRow.account_id == account.id)
        .values(refill_due_at=following)
        .execution_options(synchronize_session=False)
    )
