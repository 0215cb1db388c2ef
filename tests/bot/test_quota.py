"""`/quota`, `/why` and prices through Discord: what members see, and who may change it."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from db.account_tables import AccountTierRow
from db.refill import refill_due
from tests.bot.studio import Town
from tests.bot.test_moderation import ids, use

pytestmark = pytest.mark.usefixtures("bot")


async def test_quota_shows_what_there_is_what_is_held_and_when_more_comes(town: Town) -> None:
    await town.slash("quota show")
    told = await town.until_told(
        "**100 credits** to spend", "0 credits spent", "come 100 credits, up to 1000"
    )
    assert told.ephemeral and "held" not in told.content and "20 unfinished jobs" in told.content
    await town.imagine(count=2)
    await town.slash("quota show")
    await town.until_told("**98 credits** to spend", "2 credits held", "2 credits spent")
    town.worker.make()
    with town.database.begin() as session:
        session.execute(update(AccountTierRow).values(refill_due_at=0.0))
        refill_due(session)
    await town.slash("quota show")
    told = await town.until_told("**198 credits** to spend", "2 credits spent")
    assert "held" not in told.content


async def test_a_manager_grants_and_takes_back_and_nobody_else(town: Town) -> None:
    people = await ids(town)
    for member in ("ana", "ben"):
        await use(town, "quota grant", member, member=people["ana"], credits=500)
        await town.until_told("may manage this server", member=member)
    await use(town, "quota grant", "maya", member=people["ana"], credits=50, reason="won a contest")
    await town.until_told("has 150 credits now", member="maya")
    await use(town, "quota grant", "maya", member=people["ana"], credits=-151)
    await town.until_told("**credits** can't be `-151`", "they have 150 credits", member="maya")
    await use(town, "quota grant", "maya", member=people["ana"], credits=0)
    await town.until_told("**credits** can't be `0`", member="maya")
    await use(town, "quota grant", "maya", member=people["ana"], credits=-150)
    await town.until_told("has 0 credits now", member="maya")
    await town.imagine()
    await town.until_told("This costs 1 credit and you have 0")
    assert town.jobs() == []
    await use(town, "audit", "maya", words="quota.grant")
    await town.until_told("won a contest", member="maya")


async def test_the_best_of_a_members_roles_counts(town: Town) -> None:
    patron, early = [str(await town.members.add_role(name)) for name in ("patron", "early")]
    await use(town, "quota tier", "ben", role=patron, jobs=3)
    await town.until_told("may manage this server", member="ben")
    await use(town, "quota tier", "maya", jobs=1, refill=10, cap=20)
    await town.until_told("**Everybody**: 10 credits up to 20 · 1 unfinished job", member="maya")
    await use(town, "quota tier", "maya", role=patron, jobs=2, retention=30)
    await use(town, "quota tier", "maya", role=early, refill=300, cap=1000, weight=2.5, retention=0)
    await town.until_told("300 credits up to 1000", "weight 2.5", "kept for good", member="maya")
    await town.imagine("first")
    await town.imagine("second")
    await town.until_told("You have 1 picture waiting already")
    await town.members.set_roles("ana", [patron, early])
    await town.imagine("second")
    await town.imagine("third")
    await town.until_told("You have 2 pictures waiting already")
    await town.slash("quota show")
    await town.until_told("come 300 credits, up to 1000", "2 unfinished jobs", "weight 2.5", "kept for good")
    await town.slash("quota tiers", "ben")
    await town.until_told("Refilled every 24 hours", "**Everybody**", "kept 30 days", member="ben")
    await use(town, "quota tier", "maya", role=patron, remove=True)
    await town.until_told("gives nothing any more", member="maya")
    await use(town, "quota tier", "maya", role=patron, remove=True)
    await town.until_told("That role has no tier", member="maya")


async def test_the_panel_tells_the_price_of_what_is_chosen(town: Town) -> None:
    await town.imagine("a red fox", advanced=True)
    panel = await town.until_told("Costs 1 credit of your 100.")
    asked = await town.members.press("ana", panel.id, "Seed, count, size…")
    await town.members.settled(asked)
    await town.members.settled(await town.members.submit("ana", asked, {"How many pictures": "4"}))
    await town.until_told("Costs 4 credits of your 100.")
    made = await town.members.settled(await town.members.press("ana", panel.id, "Make it"))
    await town.until(made, "4 credits")
    assert town.spent() == 4


async def test_what_costs_much_is_asked_about_once(town: Town) -> None:
    await use(town, "quota server", "ben", confirm_above=1)
    await town.until_told("may manage this server", member="ben")
    await use(town, "quota server", "maya", confirm_above=1, refill_hours=12)
    await town.until_told("Refilled every 12 hours", "costs more than 1 credit", member="maya")
    await town.imagine("cheap")
    await town.imagine("dear", count=3)
    question = await town.until_told("This costs 3 credits of your 99.")
    assert len(town.jobs()) == 1 and town.spent() == 1
    press = await town.members.press("ana", question.id, "Make it for 3 credits")
    made = await town.members.settled(press)
    assert (await town.until(made, "dear", "3 credits")).ephemeral is False
    assert [job.price for job in town.jobs()] == [1, 3] and town.spent() == 4
    await use(town, "quota server", "maya", confirm_above=-1)
    await town.until_told("and a tenth of the balance", member="maya")
    await town.imagine("dear", count=3)
    assert len(town.jobs()) == 3


async def test_why_gives_counts_and_reasons_and_no_names(town: Town) -> None:
    await town.slash("why")
    await town.until_told("Nothing of that is waiting")
    people = await ids(town)
    await town.imagine("a red fox", "ben")
    await town.imagine("my first")
    await town.imagine("my second")
    second = next(job for job in town.jobs() if job.request.typed_prompt == "my second")
    await town.slash("why")
    told = await town.until_told("my first", "1 job of others has an earlier turn (1 member waiting)")
    assert people["ben"] not in told.content and "ben" not in told.content
    await town.slash("why", id=second.id)
    await town.until_told("my second", "1 of your own was asked for before it")
    await town.slash("queue")
    await town.until_told("**0** being made, **3** waiting.", "my second", "Number 3 in line")
    await town.slash("why", "ben", id="ZZZZ")
    await town.until_told("There is no such picture", member="ben")


async def test_why_gives_no_reasons_beside_the_one_that_keeps_it_waiting(town: Town) -> None:
    await town.slash("admin pause", "maya", reason="new card")
    await town.imagine("a red fox")
    await town.slash("why")
    told = await town.until_told("Paused for now", "new card")
    assert "Nothing is before it" not in told.content and "take turns" not in told.content


async def test_roles_and_grants_belong_to_a_server(town: Town) -> None:
    direct = await town.members.open_dm("ana")
    for command in ("quota tiers", "quota tier"):
        await town.members.settled(await town.members.slash("ana", direct, command, {}))
    told = [message.content for message in await town.members.messages(direct, "ana")]
    assert any("belongs to a server" in text for text in told)
    assert any("may manage this server" in text for text in told)


async def test_a_price_is_agreed_to_with_the_rights_that_are_left(town: Town) -> None:
    role = str(await town.members.add_role("newcomers"))
    rule = {"effect": "deny", "command": "imagine", "role": role}
    await town.members.settled(await town.members.slash("maya", "studio", "access set", rule))
    await use(town, "quota server", "maya", confirm_above=1)
    await town.imagine("dear", count=3)
    question = await town.until_told("This costs 3 credits")
    await town.members.set_roles("ana", [role])
    await town.members.settled(await town.members.press("ana", question.id, "Make it for 3 credits"))
    await town.until_told("can't use `/imagine` with the roles")
    assert town.jobs() == [] and town.spent() == 0
