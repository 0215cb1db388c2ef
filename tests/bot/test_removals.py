"""Messages of what was erased go from Discord, whatever Discord, the network and restarts do."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import select

from db.copy_tables import MessageRemovalRow
from sandbox.faults import Fault, FaultKind
from sandbox.seen import SeenMessage
from tests.bot.reacting import direct
from tests.bot.studio import Town
from tests.bot.test_gallery import made

MESSAGE = "/channels/{channel_id}/messages/{message_id}"
UNAVAILABLE = Fault(kind=FaultKind.BAD_GATEWAY_BEFORE, method="DELETE", route=MESSAGE, status=503)


async def shown_twice(town: Town) -> tuple[SeenMessage, SeenMessage]:
    """A picture in a channel, and its copy in Ben's direct messages."""
    message = await made(town)
    await town.members.react("ben", message.id, "✉️")
    return message, await direct(town, "ben", "a red fox")


async def erase(town: Town, how: str) -> None:
    if how == "takedown":
        await town.slash("takedown picture", "maya", id=town.only_job().id, reason="not here")
        await town.until_told("taken down", member="maya")
    else:
        await town.slash("privacy delete")
        asked = await town.until_told("can't be undone")
        await town.members.settled(await town.members.press("ana", asked.id, asked.buttons[0]["custom_id"]))
        await town.until_told("Erased: 1 order")


def noted(town: Town) -> set[int]:
    """Ids of the messages that are still to go."""
    with town.database.read() as session:
        return set(session.scalars(select(MessageRemovalRow.message_id)))


async def until_gone(town: Town, *messages: SeenMessage) -> None:
    for message in messages:
        await town.until_gone(message, "ben")

    async with asyncio.timeout(20):
        while noted(town):
            await asyncio.sleep(0.02)


@pytest.mark.usefixtures("bot")
@pytest.mark.parametrize("kind", [FaultKind.BAD_GATEWAY_BEFORE, FaultKind.DROP_BEFORE, FaultKind.DROP_AFTER])
async def test_what_discord_does_not_delete_at_once_goes_later(town: Town, kind: FaultKind) -> None:
    shown = await shown_twice(town)
    await town.members.fault(Fault(kind=kind, method="DELETE", route=MESSAGE, times=2, status=503))
    await erase(town, "takedown")
    await until_gone(town, *shown)


@pytest.mark.parametrize("how", ["takedown", "privacy"])
async def test_what_a_stopped_bot_did_not_delete_the_next_one_does(
    town: Town, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # That of a try that the end of the bot broke off.
    monkeypatch.setattr("bot.remover.LEASE_S", 2.0)
    async with town.bot():
        shown = await shown_twice(town)
        await town.members.fault(replace(UNAVAILABLE, lasting_s=3600.0))
        await erase(town, how)
    assert noted(town) == {message.id for message in shown}
    await town.members.clear_faults()
    async with town.bot():
        await until_gone(town, *shown)


@pytest.mark.usefixtures("bot")
async def test_a_message_that_is_gone_is_not_looked_for_again(town: Town) -> None:
    message = await made(town)
    await town.members.delete("maya", message.id)
    await erase(town, "takedown")
    await until_gone(town, message)


@pytest.mark.usefixtures("bot")
async def test_where_the_bot_may_not_it_tries_hardly_ever(town: Town) -> None:
    """An address that meets ten thousand refusals in ten minutes is shut out by Discord."""
    await made(town)
    await town.members.fault(replace(UNAVAILABLE, status=403, lasting_s=3600.0))
    await erase(town, "takedown")

    def waits_s() -> list[float]:
        with town.database.read() as session:
            return list(session.scalars(select(MessageRemovalRow.due_at - MessageRemovalRow.created_at)))

    async with asyncio.timeout(20):
        while min(waits_s()) < 3000:
            await asyncio.sleep(0.02)
    with town.database.read() as session:
        assert session.scalars(select(MessageRemovalRow.attempt)).all() == [1]
