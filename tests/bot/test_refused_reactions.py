"""Reactions of those who may not: refused like their buttons, and told so in private, once."""

from __future__ import annotations

import asyncio

import pytest

from bot import reacted
from bot.buttons import Delete, row_of
from bot.client import Atelier
from sandbox.seen import SeenMessage
from tests.bot.reacting import direct, id_of, reply
from tests.bot.studio import Town
from tests.bot.test_picture_buttons import made

pytestmark = pytest.mark.usefixtures("bot")


async def test_delete_and_report_ask_for_the_same_rights_as_their_buttons(town: Town) -> None:
    message = await made(town)
    await town.members.react("ben", message.id, "🗑️")
    await direct(town, "ben", "another member's picture")
    await town.members.react("ana", message.id, "🚩")
    await direct(town, "ana", "your own picture")
    await town.members.react("ben", message.id, "🚩")
    await direct(town, "ben", "moderators will look")
    await town.members.react("maya", message.id, "🗑")

    async def gone() -> bool:
        return message.id not in [seen.id for seen in await town.all_messages()]

    await town.members.wait_until(gone)
    assert town.jobs() == []


async def test_whoever_is_banned_is_refused_in_private(town: Town) -> None:
    message = await made(town)
    await town.members.settled(
        await town.members.slash(
            "maya", "studio", "mod ban", {"member": str(await id_of(town, "ben")), "reason": "spam"}
        )
    )
    for emoji in ("🔁", "🎲", "🚩"):
        await town.members.react("ben", message.id, emoji)
    await direct(town, "ben", "You are banned")
    await asyncio.sleep(0.2)
    assert len(town.jobs()) == 1


async def test_closed_direct_messages_get_a_short_word_that_says_nothing(town: Town) -> None:
    message = await made(town)
    await town.members.add_member("dora", accepts_dms=False)
    await town.members.react("dora", message.id, "🗑️")
    said = await reply(town, message)
    assert "direct messages are closed" in said.content and "another member" not in said.content
    await town.members.react("dora", message.id, "✉️")
    await town.members.wait_for("studio", lambda seen: seen.reply_to == message.id and seen.id != said.id)


@pytest.mark.parametrize("accepts_dms", [True, False])
async def test_whoever_is_refused_again_and_again_is_told_once(town: Town, accepts_dms: bool) -> None:
    message = await made(town)
    await town.members.add_member("dora", accepts_dms=accepts_dms)
    channel = await town.members.open_dm("dora") if accepts_dms else message.channel_id
    await flutter(town, message, "🗑️", times=5)
    await until_words(town, channel, 1)
    await asyncio.sleep(0.5)
    await until_words(town, channel, 1)


async def test_later_they_are_told_again(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    message = await made(town)
    await town.members.add_member("dora")
    monkeypatch.setattr(reacted, "_WORDS_S", 0.0)
    await flutter(town, message, "🗑️", times=2)
    await until_words(town, await town.members.open_dm("dora"), 2)


async def flutter(town: Town, message: SeenMessage, emoji: str, *, times: int) -> None:
    for _ in range(times):
        for remove in (False, True):
            await town.members.react("dora", message.id, emoji, remove=remove)


async def until_words(town: Town, channel: int, count: int) -> None:
    """The bot has said so much there to dora, pictures aside."""

    async def look() -> bool:
        seen = await town.members.messages(channel, "dora")
        return len([one for one in seen if one.author_is_bot and not one.attachments]) == count

    await town.members.wait_until(look)


async def test_another_servers_moderator_is_nobody_there(town: Town, bot: Atelier) -> None:
    await made(town)
    job = town.only_job()
    guild = await town.members.add_guild("Elsewhere", owner="chloe")
    channel_id = await town.members.add_channel("workshop", guild="Elsewhere")
    copy = await bot.get_partial_messageable(channel_id, guild_id=guild).send(
        "copy", view=row_of(job.id, Delete)
    )
    for emoji in ("🔁", "🗑️", "⭐", "✉️", "🚩"):
        await town.members.react("chloe", copy.id, emoji)
    await direct(town, "chloe", "no such picture")
    await asyncio.sleep(0.3)
    assert [one.id for one in town.jobs()] == [job.id]
