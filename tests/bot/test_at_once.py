"""The same buttons, pressed by many members at the same instant, and what the gateway tells twice."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
from sqlalchemy import select

from core.jobs import LedgerKind
from db.gallery_tables import VoteRow
from db.moderation_tables import SanctionRow
from db.tables import AccountRow, LedgerRow
from sandbox.faults import Fault, FaultKind
from tests.bot.studio import Town
from tests.bot.test_gallery import made, published
from tests.bot.test_moderation import ids, use

pytestmark = pytest.mark.usefixtures("bot")

MEMBERS = 20


async def test_twenty_members_press_and_react_at_once(town: Town) -> None:
    seen = await town.imagine("a red fox", seed=5)
    town.worker.make()
    message = await town.result(seen)
    (first,) = town.jobs()
    # However slow the machine is, no interaction dies of it.
    await town.members.hold_clock()
    names = [f"member{number}" for number in range(MEMBERS)]
    for name in names:
        await town.members.add_member(name)
    ids = {button["custom_id"].partition(":")[0]: button["custom_id"] for button in message.buttons}
    # Some interactions reach the bot twice.
    await town.members.fault(
        Fault(kind=FaultKind.DUPLICATE, method="EVENT", route="INTERACTION_CREATE", times=MEMBERS // 2)
    )

    async def press(name: str, verb: str) -> int:
        return await town.members.press(name, message.id, ids[verb])

    presses = [press(name, "rerun") for name in names for _ in range(2)]
    reactions = [town.members.react(name, message.id, "🔁") for name in names[::4]]
    pressed, _ = await asyncio.gather(asyncio.gather(*presses), asyncio.gather(*reactions))
    await asyncio.gather(*(town.members.settled(interaction, timeout_s=60) for interaction in pressed))

    async def all_are_there() -> bool:
        made = Counter(job.member_id for job in town.jobs() if job.parent_id == first.id)
        return len(made) == MEMBERS

    await town.members.wait_until(all_are_there, timeout_s=60)
    made = [job for job in town.jobs() if job.parent_id == first.id]
    assert len({job.interaction_id for job in made}) == len(made)
    assert len(made) == len({job.member_id for job in made}) == MEMBERS, (
        "one unfinished rerun for each member"
    )
    with town.database.read() as session:
        holds = session.scalars(select(LedgerRow.job_id).where(LedgerRow.kind == LedgerKind.HOLD)).all()
        assert sorted(job_id or "" for job_id in holds) == sorted(job.id for job in (first, *made))
        assert all(balance >= 0 for balance in session.scalars(select(AccountRow.balance)))


@pytest.mark.parametrize("button", ["favourite", "vote"])
async def test_a_star_told_twice_is_one(town: Town, button: str) -> None:
    message = await made(town)
    if button == "vote":
        await published(town, "a dog")
        await town.slash("gallery browse", "ben")
        page = await town.until_told("a dog", member="ben")
        await town.members.settled(await town.members.press("ben", page.id, "1"))
        message = await town.until_told("a dog", "-# `", member="ben")
    await _twice(town)
    await town.press(message, button, "ben")
    await town.until_told("Among your favourites", member="ben")
    await _quiet(town)
    with town.database.read() as session:
        assert len(session.scalars(select(VoteRow)).all()) == 1


async def test_what_managers_and_moderators_do_is_done_once(town: Town) -> None:
    ben = (await ids(town))["ben"]
    await _twice(town)
    await use(town, "quota grant", "maya", member=ben, credits=50)
    await _twice(town)
    await use(town, "mod strike", "maya", member=ben, reason="spam")
    await _quiet(town)
    with town.database.read() as session:
        grants = select(LedgerRow.amount).where(LedgerRow.kind == LedgerKind.GRANT, LedgerRow.amount == 50)
        assert session.scalars(grants).all() == [50]
        assert len(session.scalars(select(SanctionRow)).all()) == 1


async def _twice(town: Town) -> None:
    """The next interaction reaches the bot twice."""
    await town.members.fault(
        Fault(kind=FaultKind.DUPLICATE, method="EVENT", route="INTERACTION_CREATE", times=1)
    )


async def _quiet(town: Town) -> None:
    """What was told twice is long heard: another interaction is answered, and a moment has passed."""
    await town.slash("help", "chloe")
    await asyncio.sleep(0.3)
