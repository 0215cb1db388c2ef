"""Refills: once an account and period, up to the cap, whoever asks how often; tiers kept with accounts."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from bench.virtual_time import pass_time, virtual_time
from core.tiers import STANDARD, Tier
from db.account_tables import AccountTierRow
from db.engine import Database
from db.refill import refill_due
from db.tables import LedgerRow
from db.tiers import QuotaRules, account_tier, refill_due_at, set_quota_rules, set_tier, settle_tier
from tests.db.studio import GUILD, Studio

DAY_S = 86_400.0
ROLE = 77


@pytest.fixture
def timed(database: Database) -> Iterator[Studio]:
    """Members start with 100 credits; a test moves the clock on, which stands at 01:46:40 UTC."""
    with virtual_time(database):
        studio = Studio(database, credits=100)
        studio.worker()
        yield studio
        studio.check()


def wait(studio: Studio, seconds: float) -> None:
    with studio.database.begin() as session:
        pass_time(session, seconds)


def settle(studio: Studio, member: int = 1, *roles: int) -> Tier:
    account = studio.account(member)
    with studio.database.begin() as session:
        return settle_tier(session, account, GUILD, roles)


def refill(studio: Studio) -> int:
    with studio.database.begin() as session:
        return refill_due(session)


def grants(studio: Studio) -> list[tuple[int, str | None]]:
    with studio.database.read() as session:
        rows = session.execute(select(LedgerRow.amount, LedgerRow.reason).order_by(LedgerRow.id))
        return [(amount, reason) for amount, reason in rows.tuples() if reason != "welcome"]


def test_a_refill_comes_once_a_day_however_often_the_keeper_looks(timed: Studio) -> None:
    settle(timed)
    assert refill(timed) == 0
    wait(timed, DAY_S)
    assert [refill(timed) for _ in range(3)] == [1, 0, 0]
    assert timed.balance() == 200
    wait(timed, DAY_S)
    refill(timed)
    assert timed.balance() == 300
    assert grants(timed) == [(100, "refill 2001-09-10T00:00Z"), (100, "refill 2001-09-11T00:00Z")]


def test_what_was_missed_is_not_made_up_for(timed: Studio) -> None:
    settle(timed)
    wait(timed, 5 * DAY_S)
    assert [refill(timed), refill(timed)] == [1, 0]
    assert timed.balance() == 200


def test_it_goes_up_to_the_cap_and_takes_nothing_away(timed: Studio) -> None:
    with timed.database.begin() as session:
        set_tier(session, GUILD, GUILD, replace(STANDARD, cap=150))
    settle(timed)
    for expected in (150, 150):
        wait(timed, DAY_S)
        refill(timed)
        assert timed.balance() == expected
    with timed.database.begin() as session:
        set_tier(session, GUILD, GUILD, replace(STANDARD, cap=20))
    settle(timed)
    wait(timed, DAY_S)
    assert refill(timed) == 1 and timed.balance() == 150


def test_two_keepers_at_once_refill_once(timed: Studio) -> None:
    for member in range(1, 9):
        settle(timed, member)
    wait(timed, DAY_S)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: refill(timed), range(8)))
    assert [timed.balance(member) for member in range(1, 9)] == [200] * 8


def test_a_lost_note_of_when_it_is_due_refills_nobody_twice(timed: Studio) -> None:
    """The ledger decides: as after a restored backup of the other table."""
    settle(timed)
    wait(timed, DAY_S)
    refill(timed)
    with timed.database.begin() as session:
        session.execute(update(AccountTierRow).values(refill_due_at=0.0))
    assert refill(timed) == 1
    assert timed.balance() == 200


def test_a_server_may_refill_every_few_hours(timed: Studio) -> None:
    settle(timed)
    with timed.database.begin() as session:
        set_quota_rules(session, GUILD, QuotaRules(refill_hours=6))
    wait(timed, DAY_S / 4)
    refill(timed)
    wait(timed, DAY_S / 4)
    refill(timed)
    assert timed.balance() == 300
    with timed.database.read() as session:
        # It is 13:46:40, and the next one comes at 18:00.
        assert refill_due_at(session, timed.account(1)) == 1_000_000_000 + DAY_S * 3 / 4 - 6400


def test_a_role_gained_and_lost_changes_the_tier(timed: Studio) -> None:
    with timed.database.begin() as session:
        set_tier(session, GUILD, ROLE, replace(STANDARD, weight=3.0, running=25, cap=5))
        set_tier(session, GUILD + 1, GUILD + 1, replace(STANDARD, jobs=1000))
    assert settle(timed) == STANDARD
    # Whoever has a role is one of everybody, too.
    gained = replace(STANDARD, weight=3.0, running=25)
    assert settle(timed, 1, ROLE) == gained
    with timed.database.read() as session:
        assert account_tier(session, timed.account(1)) == gained
    assert settle(timed) == STANDARD
