"""Accounts and their ledger. The balance is the ledger's sum, changed in the same transaction."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from core.errors import NotEnoughCredits
from core.jobs import JobState, LedgerKind
from db.clock import now
from db.erased import was_erased
from db.members import lock_member
from db.once import insert_once
from db.tables import AccountRow, GuildRow, JobRow, LedgerRow

#: Stands for the server in direct messages.
DIRECT_MESSAGES = 0


@dataclass(frozen=True, kw_only=True)
class Account:
    """A member's credits in one server."""

    id: int
    guild_id: int
    member_id: int
    balance: int


def account_for(session: Session, guild_id: int | None, member_id: int, starting_credits: int) -> Account:
    """The member's account, made with a grant of `starting_credits` (>= 0) on first use.

    `guild_id` None is a direct message. The member's row stays locked (`db.members`).
    """
    lock_member(session, member_id)
    guild = DIRECT_MESSAGES if guild_id is None else guild_id
    insert_once(session, GuildRow, id=guild)
    is_new = insert_once(session, AccountRow, guild_id=guild, member_id=member_id)
    account_id = session.scalars(
        select(AccountRow.id).where(AccountRow.guild_id == guild, AccountRow.member_id == member_id)
    ).one()
    if is_new and starting_credits and not was_erased(session, member_id):
        grant(session, account_id, starting_credits, reason="welcome")
    return Account(id=account_id, guild_id=guild, member_id=member_id, balance=balance(session, account_id))


def balance(session: Session, account_id: int) -> int:
    """Credits that the account can spend, 0 or more."""
    return session.scalars(select(AccountRow.balance).where(AccountRow.id == account_id)).one()


def grant(session: Session, account_id: int, credits: int, *, reason: str) -> None:
    """Give credits (> 0), or take some back (< 0).

    Raises:
        NotEnoughCredits: more was to be taken than there is; nothing was.
    """
    _change(session, account_id, credits)
    session.add(LedgerRow(account_id=account_id, kind=LedgerKind.GRANT, amount=credits, reason=reason))
    session.flush()


def hold(session: Session, account_id: int, job_id: str, price: int) -> None:
    """Take the whole price of a job before it runs.

    Raises:
        NotEnoughCredits: the account holds less; nothing was taken.
    """
    _change(session, account_id, -price)
    session.add(LedgerRow(account_id=account_id, job_id=job_id, kind=LedgerKind.HOLD, amount=-price))
    session.flush()


def refund(
    session: Session, account_id: int, job_id: str, credits: int, kind: LedgerKind = LedgerKind.REFUND
) -> None:
    """Give back what a job did not deliver. Does nothing for 0 credits, or where that was done before."""
    if credits and insert_once(
        session, LedgerRow, account_id=account_id, job_id=job_id, kind=kind, amount=credits
    ):
        session.execute(
            update(AccountRow).where(AccountRow.id == account_id).values(balance=AccountRow.balance + credits)
        )


def held(session: Session, account_id: int) -> int:
    """Credits that unfinished jobs hold."""
    return _sum(
        session,
        select(JobRow.image_price * JobRow.image_count).where(
            JobRow.account_id == account_id, JobRow.state.in_([JobState.QUEUED, JobState.RUNNING])
        ),
    )


def spent(session: Session, account_id: int, since_s: float) -> int:
    """Credits that left the account for jobs in the last so many seconds and did not come back, 0 or more.

    What unfinished jobs hold counts as spent.
    """
    changes = select(LedgerRow.amount).where(
        LedgerRow.account_id == account_id,
        LedgerRow.job_id.is_not(None),
        LedgerRow.created_at >= now() - since_s,
    )
    return max(0, -_sum(session, changes))


def _sum(session: Session, amounts: Select[int]) -> int:
    return int(session.scalar(select(func.coalesce(func.sum(amounts.subquery().c[0]), 0))) or 0)


def _change(session: Session, account_id: int, credits: int) -> None:
    """Move the balance, but never below zero. Raises NotEnoughCredits."""
    changed = session.execute(
        update(AccountRow)
        .where(AccountRow.id == account_id, AccountRow.balance >= -credits)
        .values(balance=AccountRow.balance + credits)
        .returning(AccountRow.id)
    ).first()
    if changed is None:
        raise NotEnoughCredits(-credits, balance(session, account_id))
