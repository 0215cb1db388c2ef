"""Credits under pressure: commands at one instant, partial refunds, caps, and what an agreed price covers."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from actions.draw import draw
from actions.grant import grant_credits
from actions.person import Person
from actions.queue import queue, why
from actions.quota import prices, quota
from actions.studio import Studio
from actions.tier import change_rules, change_tier
from core.errors import AsksFirst, BadOption, NotAllowed, NotEnoughCredits, NotFound, Refusal
from core.options.imagine import ImagineOptions
from db.accounts import account_for
from db.claims import Claim, finish
from db.engine import Database
from db.jobs import request_cancel
from db.tables import AccountRow, LedgerRow
from tests.actions.hands import balance, claim, store
from tests.actions.people import ADMIN, ANA, BEN, GUILD, MODERATOR, asked, make


@pytest.fixture(autouse=True)
def _adds_up(database: Database) -> Iterator[None]:
    """Every balance is the sum of its ledger, and none is below zero, however a test ends."""
    yield
    with database.read() as session:
        sums = select(LedgerRow.account_id, func.sum(LedgerRow.amount)).group_by(LedgerRow.account_id)
        found = dict(session.execute(sums).tuples().all())
        for account in session.scalars(select(AccountRow)):
            assert account.balance == found.get(account.id, 0) >= 0


def test_commands_at_the_same_instant_cannot_overspend(studio: Studio) -> None:
    grant_credits(studio, ADMIN, ANA.member_id, -90)

    def order(_number: int) -> bool:
        try:
            make(studio, count=4)
        except NotEnoughCredits:
            return False
        return True

    with ThreadPoolExecutor(12) as pool:
        bought = sum(pool.map(order, range(12)))
    assert bought == 2
    assert quota(studio, ANA).balance == 2 and quota(studio, ANA).held == 8


#: Spends what there is as fast as it can, four credits at a time, and prints how often that went well.
_SPENDER = """
import sys
from core.errors import NotEnoughCredits
from db.engine import open_database
from db.submitting import NewJob, submit
from tests.db.studio import GUILD, request
database, account, first = open_database(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
sys.stdin.readline()
bought = 0
for number in range(15):
    new = NewJob(account_id=account, member_id=1, guild_id=GUILD, channel_id=1, interaction_id=first + number,
                 request=request(count=4), image_price=1)
    try:
        with database.begin() as session:
            submit(session, new)
    except NotEnoughCredits:
        continue
    bought += 1
print(bought)
"""


def test_processes_at_the_same_instant_cannot_overspend(studio: Studio, database_url: str) -> None:
    with studio.database.begin() as session:
        account = account_for(session, GUILD, 1, 50)
    spenders = [
        subprocess.Popen(
            [sys.executable, "-c", _SPENDER, database_url, str(account.id), str(1000 * number)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(1, 4)
    ]
    # Each waits for its line, so that none is done before the last has begun.
    bought = [int(spender.communicate("go\n", timeout=60)[0]) for spender in spenders]
    assert [spender.returncode for spender in spenders] == [0, 0, 0]
    assert sum(bought) == 12 and quota(studio, ANA).balance == 2


def test_what_was_not_made_comes_back_image_by_image(studio: Studio) -> None:
    job = make(studio, count=4)
    assert balance(studio, job) == 96 and quota(studio, ANA).held == 4
    store(studio, job, count=3)
    with studio.database.begin() as session:
        request_cancel(session, job.id)
    told = quota(studio, ANA)
    assert (told.balance, told.held, told.spent) == (96, 4, 4), "it still runs"
    token = Claim(job.id, 1)
    with studio.database.begin() as session:
        assert finish(session, token)
        assert not finish(session, token)
    told = quota(studio, ANA)
    assert (told.balance, told.held, told.spent) == (97, 0, 3)


def test_grants_never_go_below_zero_and_are_the_managers(studio: Studio) -> None:
    assert grant_credits(studio, ADMIN, BEN.member_id, 5, reason="a prize") == 105
    for person in (ANA, MODERATOR):
        with pytest.raises(NotAllowed):
            grant_credits(studio, person, person.member_id, 5)
    for credits in (0, -106, 10**9):
        with pytest.raises(BadOption, match="credits"):
            grant_credits(studio, ADMIN, BEN.member_id, credits)
    direct = Person(member_id=5, guild_id=None, channel_id=1, is_admin=True)
    with pytest.raises(NotAllowed):
        grant_credits(studio, direct, 5, 100)
    with ThreadPoolExecutor(6) as pool:
        taken = list(pool.map(lambda _: _takes(studio, 30), range(6)))
    assert sum(taken) == 3 and quota(studio, BEN).balance == 15


def _takes(studio: Studio, credits: int) -> bool:
    try:
        grant_credits(studio, ADMIN, BEN.member_id, -credits)
    except BadOption:
        return False
    return True


def test_a_tier_caps_what_waits_and_what_is_drawn_at_once(studio: Studio) -> None:
    change_tier(studio, ADMIN, GUILD, {"jobs": 4, "running": 2})
    jobs = [make(studio) for _ in range(4)]
    with pytest.raises(Refusal, match="4 pictures waiting"):
        make(studio)
    tokens = [claim(studio) for _ in range(2)]
    other = make(studio, BEN)
    assert claim(studio).job_id == other.id, "Ana has two running, and that is her limit"
    reasons = why(studio, ANA, jobs[2].id)
    assert reasons.ahead.at_limit and reasons.ahead.running == 2
    with studio.database.begin() as session:
        finish(session, tokens[0])
    assert claim(studio).job_id == jobs[2].id


def test_workers_at_the_same_instant_keep_to_the_limit(studio: Studio) -> None:
    change_tier(studio, ADMIN, GUILD, {"running": 3})
    for _ in range(12):
        make(studio)

    def take(_number: int) -> bool:
        try:
            claim(studio)
        except AssertionError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(take, range(8))) == 3


def test_an_agreed_price_covers_no_more(studio: Studio) -> None:
    change_rules(studio, ADMIN, refill_hours=None, confirm_above=2)
    wishes = ImagineOptions(prompt="a red fox", count=3)
    with pytest.raises(AsksFirst) as question:
        draw(studio, ANA, asked(), wishes)
    assert question.value.price == 3 and quota(studio, ANA).balance == 100
    with pytest.raises(AsksFirst):
        draw(studio, ANA, replace(asked(), agreed=2), wishes)
    job = draw(studio, ANA, replace(asked(), agreed=3), wishes)
    assert job.price == 3 and prices(studio, ANA).of(job.request) == 3


def test_queue_and_why_are_about_what_one_may_see(studio: Studio) -> None:
    job = make(studio, ephemeral=True)
    assert [own.id for own, _ in queue(studio, ANA).own] == [job.id] and queue(studio, BEN).own == ()
    with pytest.raises(NotFound):
        why(studio, BEN, job.id)
    with pytest.raises(NotFound):
        why(studio, BEN)
    assert why(studio, ANA).job.id == job.id
