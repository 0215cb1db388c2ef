"""`/contest` and `/collection` through Discord."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from db.clock import now
from db.contests import close_contests
from db.gallery_tables import ContestRow, GalleryPostRow
from sandbox.faults import Fault, FaultKind
from sandbox.seen import SeenMessage
from tests.bot.studio import Town
from tests.bot.test_gallery import SEND, ask, browse_until, made_id, published

pytestmark = pytest.mark.usefixtures("bot")


async def announced(town: Town, *texts: str) -> SeenMessage:
    """The public message that holds these texts."""

    def shows(message: SeenMessage) -> bool:
        return not message.ephemeral and all(text in message.text for text in texts)

    return await town.members.wait_for("studio", shows, member="ben")


def close(town: Town) -> None:
    """As the keeper does once the time is over."""
    with town.database.begin() as session:
        session.execute(update(ContestRow).values(closes_at=now() - 0.001))
        assert len(close_contests(session)) == 1


async def enter(town: Town, announcement: SeenMessage, member: str) -> None:
    await town.press(announcement, "enter", member)
    menu = await town.until_told("Which one?", member=member)
    job = next(job for job in town.jobs() if f"of {member}" in job.request.typed_prompt)
    await town.members.settled(await town.members.select(member, menu.id, "Choose a picture", [job.id]))
    await town.until_told("Your picture is in the contest", member=member)


async def test_a_contest_is_announced_entered_and_won(town: Town) -> None:
    await town.slash("contest start", "ben", theme="Foxes", lasts="2h")
    await town.until_told("for moderators", member="ben")
    await town.slash("contest start", "maya", theme="Foxes in *snow*", lasts="2h")
    announcement = await announced(town, "Contest", "Foxes in", "It closes")
    await town.press(announcement, "enter", "chloe")
    await town.until_told("published no picture", member="chloe")
    ana = await published(town, "a fox of ana")
    await published(town, "a fox of ben", "ben")
    for member in ("ana", "ben"):
        await enter(town, announcement, member)
    await town.members.react("chloe", ana.id, "⭐")
    await browse_until(town, "⭐ 1")
    await town.press(announcement, "standings", "chloe")
    await town.until_told("2 pictures are in it", member="chloe")
    await town.slash("contest start", "maya", theme="Cats", lasts="2h")
    await town.until_told("open here already", member="maya")
    close(town)
    won = await announced(town, "is over", "wins with 1 ⭐")
    assert len(won.attachments) == 1 and "a fox of ana" in won.attachments[0]["description"]
    over = await announced(town, "Contest", "It is over")
    assert over.id == announcement.id
    assert "enter" not in [button["custom_id"].partition(":")[0] for button in over.buttons]
    await town.press(won, "results", "chloe")
    await town.until_told("It is over", "wins with 1 ⭐", "⭐ 1", "⭐ 0", member="chloe")
    await town.slash("contest enter", id=town.jobs()[0].id)
    await town.until_told("No contest is open")
    # What is taken out afterwards leaves the winners' message, too.
    await town.slash("gallery unpublish", id=town.jobs()[0].id)
    await announced(town, "is over", "No picture had a vote")


async def test_ties_are_told_and_a_cancelled_contest_has_no_winners(town: Town) -> None:
    await town.slash("contest start", "maya", theme="Foxes", lasts="2h")
    await announced(town, "Contest", "Foxes")
    for member, other in (("ana", "ben"), ("ben", "ana")):
        message = await published(town, f"a fox of {member}", member)
        await town.slash("contest enter", member, id=town.jobs()[-1].id)
        await town.until_told("Your picture is in the contest", member=member)
        await town.members.react(other, message.id, "⭐")
    await browse_until(town, "**2** ⭐ 1")
    await browse_until(town, "**1** ⭐ 1")
    close(town)
    tie = await announced(town, "A tie", "with 1 ⭐ each")
    assert len(tie.attachments) == 2
    await town.slash("contest start", "maya", theme="Cats", lasts="2h")
    await announced(town, "Contest", "Cats", "It closes")
    await town.slash("contest cancel", "ben")
    await town.until_told("for moderators", member="ben")
    await town.slash("contest cancel", "maya")
    await announced(town, "Contest", "Cats", "It was cancelled")
    await town.slash("contest show", "ben")
    await town.until_told("Cats", "It was cancelled", member="ben")
    await town.slash("contest cancel", "maya")
    await town.until_told("No contest is open", member="maya")


@pytest.mark.parametrize("kind", [FaultKind.DROP_BEFORE, FaultKind.DROP_AFTER])
async def test_winners_are_told_once_beside_the_announcement(town: Town, kind: FaultKind) -> None:
    await town.slash("contest start", "maya", theme="Foxes", lasts="30m")
    announcement = await announced(town, "Contest", "Foxes")
    await town.members.fault(Fault(kind=kind, method="POST", route=SEND))
    close(town)
    told = await announced(town, "Nobody entered")
    assert told.id != announcement.id
    with town.database.begin() as session:
        session.execute(update(GalleryPostRow).values(due_at=0.0))
    await announced(town, "Contest", "It is over")
    public = [message for message in await town.all_messages("ben") if not message.ephemeral]
    assert [message.id for message in public] == [announcement.id, told.id]


async def test_nobody_entered(town: Town) -> None:
    await town.slash("contest show", "ben")
    await town.until_told("no contest here yet", member="ben")
    await town.slash("contest start", "maya", theme="Foxes", lasts="30m")
    await announced(town, "Contest", "Foxes")
    close(town)
    await announced(town, "Nobody entered")


async def test_a_collection_is_kept_shown_and_shared(town: Town) -> None:
    await town.slash("collection new", name="Foxes")
    await town.until_told("**Foxes** is there")
    job_id = await made_id(town, "a red fox")
    await town.slash("collection add", name="foxes", id=job_id)
    await town.until_told("in **Foxes** now")
    choices = await town.members.choices("ana", "studio", "collection show", "name", "fo")
    assert [choice["value"] for choice in choices] == ["Foxes"]
    await town.slash("collection show", name="Foxes")
    await town.until_told("a red fox", job_id)
    ana = str(town.only_job().member_id)
    await ask(town, "ben", "collection show", {"name": "Foxes", "member": ana})
    await town.until_told("not shared", member="ben")
    await town.slash("collection share", name="Foxes")
    await town.until_told("Others see **Foxes**")
    await ask(town, "ben", "collection show", {"member": ana})
    await town.until_told("**Foxes** · 1 picture · shared", member="ben")
    await ask(town, "ben", "collection show", {"name": "Foxes", "member": ana})
    await town.until_told("a red fox", job_id, member="ben")
    await town.slash("collection remove", "ben", name="Foxes")
    await town.until_told("no collection of that name", member="ben")
    await town.slash("collection remove", name="Foxes", id=job_id)
    await town.until_told("out of **Foxes**")
    await town.slash("collection remove", name="Foxes")
    await town.until_told("**Foxes** is gone")
    await town.slash("collection show")
    await town.until_told("none to look at")


async def test_a_collection_has_pages(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("actions.collect.PAGE_SIZE", 1)
    await town.slash("collection new", name="Foxes: *red*")
    for number in range(2):
        await town.slash("collection add", name="Foxes: *red*", id=await made_id(town, f"fox {number}"))
    first, second = sorted(town.jobs(), key=lambda job: job.id)
    await town.slash("collection show", name="Foxes: *red*")
    page = await town.until_told(first.id, "fox")
    assert second.id not in page.text
    await town.members.settled(await town.members.press("ana", page.id, "Next page"))
    await town.until_told(second.id, "fox")
