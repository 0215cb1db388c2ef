"""Accounts and their ledger. The balance is the ledger's sum, changed in the same transaction."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.errors import NotEnoughCredits
from core.jobs import LedgerKind
from db.once import insert_once
from db.tables import AccountRow, GuildRow, LedgerRow, MemberRow

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

    `guild_id` None is a direct message.
    """
    insert_once(session, MemberRow, id=member_id)
    guild = DIRECT_MESSAGES if guild_id is None else guild_id
    insert_once(session, GuildRow, id=guild)
    is_new = insert_once(session, AccountRow, guild_id=guild, member_id=member_id)
    account_id = session.scalars(
        select(AccountRow.id).where(AccountRow.guild_id == guild, AccountRow.member_id == member_id)
    ).one()
    if is_new and starting_credits:
        grant(session, account_id, starting_credits, reason="welcome")
    return Account(id=account_id, guild_id=guild, member_id=member_id, balance=balance(session, account_id))


def balance(session: Session, account_id: int) -> int:
    """Credits that the account can spend, 0 or more."""
    return session.scalars(select(AccountRow.balance).where(AccountRow.id == account_id)).one()


def grant(session: Session, account_id: int, credits: int, *, reason: str) -> None:
    """Give credits (> 0), or take some back (< 0).

    Raises:
        sqlalchemy.exc.IntegrityError: more was taken than there is.
    """
    session.execute(
        update(AccountRow).where(AccountRow.id == account_id).values(balance=AccountRow.balance + credits)
    )
    session.add(LedgerRow(account_id=account_id, kind=LedgerKind.GRANT, amount=credits, reason=reason))
    session.flush()


def hold(session: Session, account_id: int, job_id: str, price: int) -> None:
    """Take the whole price of a job before it runs.

    Raises:
        NotEnoughCredits: the account holds less; nothing was taken.
    """
    taken = session.execute(
        update(AccountRow)
        .where(AccountRow.id == account_id, AccountRow.balance >= price)
        .values(balance=AccountRow.balance - price)
        .returning(AccountRow.id)
    ).first()
    if taken is None:
        raise NotEnoughCredits(price, balance(session, account_id))
    session.add(LedgerRow(account_id=account_id, job_id=job_id, kind=LedgerKind.HOLD, amount=-price))
    session.flush()


def refund(session: Session, account_id: int, job_id: str, credits: int) -> None:
    """Give back what a job did not deliver. Does nothing for 0 credits, or where the job was refunded."""
    if credits and insert_once(
        session, LedgerRow, account_id=account_id, job_id=job_id, kind=LedgerKind.REFUND, amount=credits
    ):
        session.execute(
            update(AccountRow).where(AccountRow.id == account_id).values(balance=AccountRow.balance + credits)
        )
