"""What one member does at the same instant in two places, on both kinds of database."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.orm import Session

from actions.erase import erase
from actions.quota import quota
from actions.studio import Studio
from core.errors import NotEnoughCredits, Refusal
from core.tiers import STANDARD
from db.erasing import erase_member
from db.queue import unfinished_jobs_of
from db.tiers import set_tier
from tests.actions.people import ANA, GUILD, make
from tests.actions.test_privacy import CLOE, traces

#: Seconds after which what waits for a lock is taken to wait.
_A_WHILE_S = 0.5


def beside(pool: ThreadPoolExecutor, work: Callable[[], Any]) -> Future[Any]:
    """Begin it on another connection, and give it the time to end where nothing holds it."""
    begun = pool.submit(work)
    wait([begun], timeout=_A_WHILE_S)
    return begun


def test_what_is_ordered_while_its_member_is_erased_begins_anew(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(studio, CLOE, prompt="a secret")
    orders: list[Future[Any]] = []

    def late(session: Session, member_id: int) -> list[str]:
        orders.append(beside(pool, lambda: make(studio, CLOE, prompt="another secret")))
        return erase_member(session, member_id)

    monkeypatch.setattr("actions.erase.erase_member", late)
    with ThreadPoolExecutor(1) as pool:
        list(erase(studio, CLOE))
    with pytest.raises(NotEnoughCredits):
        # It came after: there is no welcome for whoever was erased.
        orders[0].result()
    assert traces(studio, str(CLOE.member_id)) == traces(studio, "secret") == []


def test_an_order_under_way_is_erased_with_its_member(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    quota(studio, CLOE)
    erasing: list[Future[Any]] = []
    with ThreadPoolExecutor(1) as pool:
        monkeypatch.setattr(
            "actions.submit.may_draw",
            lambda *_: erasing.append(beside(pool, lambda: list(erase(studio, CLOE)))),
        )
        make(studio, CLOE, prompt="a secret")
    assert len(erasing[0].result()) == 1
    assert traces(studio, str(CLOE.member_id)) == traces(studio, "secret") == []


def test_orders_in_two_servers_at_once_keep_to_the_cap(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [ANA, replace(ANA, guild_id=GUILD + 1)]
    with studio.database.begin() as session:
        for guild_id in (GUILD, GUILD + 1):
            set_tier(session, guild_id, guild_id, replace(STANDARD, jobs=1))
    for person in people:
        quota(studio, person)
    both = threading.Barrier(2)

    def counted(session: Session, member_id: int) -> int:
        found = unfinished_jobs_of(session, member_id)
        with contextlib.suppress(threading.BrokenBarrierError):
            both.wait(_A_WHILE_S)
        return found

    monkeypatch.setattr("actions.submit.unfinished_jobs_of", counted)
    with ThreadPoolExecutor(2) as pool:
        orders = [pool.submit(make, studio, person) for person in people]
    refused = [error for order in orders if (error := order.exception())]
    assert [type(error) for error in refused] == [Refusal]
