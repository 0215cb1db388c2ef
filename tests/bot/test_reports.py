"""🚩, `/reports` and `/appeal` through Discord."""

from __future__ import annotations

import pytest

from sandbox.seen import SeenMessage
from tests.bot.studio import Town

pytestmark = pytest.mark.usefixtures("bot")


async def shown(town: Town, prompt: str = "a red fox") -> SeenMessage:
    """A delivered picture of ana's."""
    seen = await town.imagine(prompt)
    town.worker.make()
    return await town.result(seen)


async def test_a_reported_picture_is_struck_and_the_strike_appealed(town: Town) -> None:
    result = await shown(town)
    await town.press(result, "report", "ben")
    await town.until_told("moderators will look", member="ben")
    await town.members.settled(await town.members.message_command("ben", "Report", result.id))
    await town.until_told("reported this before", member="ben")
    await town.press(result, "report")
    await town.until_told("your own picture")
    await town.slash("reports", "chloe")
    await town.until_told("for moderators", member="chloe")
    await town.slash("reports", "maya")
    case = await town.until_told("1 of 1", "a red fox", member="maya")
    assert len(case.attachments) == 1
    await town.press(case, "report-strike", "maya")
    await town.until_told("its member has a strike", member="maya")
    assert town.jobs() == []
    await town.until_gone(result)
    await town.slash("appeal", why="it was a fox")
    await town.until_told("will look at it", "**strike**")
    await town.slash("reports", "maya")
    case = await town.until_told("appeals against", "it was a fox", member="maya")
    await town.press(case, "appeal-grant", "maya")
    await town.until_told("was lifted", member="maya")
    await town.slash("mod record")
    await town.until_told("0 strikes", "lifted <t:")
    direct = await town.members.messages(await town.members.open_dm("ana"), "ana")
    assert ["From the moderators" in message.content for message in direct] == [True, False]
    assert "your strike was lifted" in direct[1].content
    await town.slash("reports", "maya")
    await town.until_told("Nothing waits", member="maya")


async def test_an_approved_picture_stays(town: Town) -> None:
    result = await shown(town)
    await town.press(result, "report", "ben")
    await town.slash("reports", "maya")
    case = await town.until_told("1 of 1", member="maya")
    await town.press(case, "report-approve", "maya")
    await town.until_told("Approved", member="maya")
    assert result.id in [message.id for message in await town.all_messages()]


async def test_whoever_has_nothing_against_them_has_nothing_to_appeal(town: Town) -> None:
    await town.slash("appeal", "ben", why="nothing")
    await town.until_told("nothing against you", member="ben")
