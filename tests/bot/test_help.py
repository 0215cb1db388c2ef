"""`/help` through Discord: short, in the person's language, and of what they may do."""

from __future__ import annotations

import asyncio

import pytest

from actions.standing import Standing
from bot.client import Atelier
from bot.help_text import TOPICS, topic_text
from sandbox.seen import SeenMessage
from tests.bot.studio import Town


@pytest.fixture(autouse=True)
async def _registered(bot: Atelier) -> None:
    """Discord has given the commands ids, and the bot knows them."""
    async with asyncio.timeout(10):
        while "</" not in bot.mentions.put_into("`/help`"):
            await asyncio.sleep(0.02)


async def told_help(town: Town, member: str) -> SeenMessage:
    await town.slash("help", member)
    return await town.until_told("</imagine:", member=member)


def topics(message: SeenMessage) -> list[str]:
    (menu,) = (part for row in message.components for part in row["components"])
    return [option["value"] for option in menu["options"]]


async def test_each_sees_the_topics_that_are_theirs(town: Town) -> None:
    members = topics(await told_help(town, "ben"))
    assert members == ["draw", "pictures", "buttons", "own", "community", "settings"]
    assert topics(await told_help(town, "maya")) == [*members, "moderators", "managers"]
    assert topics(await told_help(town, "olive"))[-1] == "owner"


async def test_topics_are_turned_and_a_forged_one_is_not_shown(town: Town) -> None:
    message = await told_help(town, "ben")
    await town.members.settled(await town.members.select("ben", message.id, "help", ["buttons"]))
    await town.until_told("🔁 the same again", member="ben")


async def test_what_the_server_denies_is_left_out(town: Town) -> None:
    options = {"effect": "deny", "command": "grid", "channel": str(await channel(town))}
    await town.members.settled(await town.members.slash("maya", "studio", "access set", options))
    await town.until_told("**deny** command /grid", member="maya")
    message = await told_help(town, "ben")
    assert "/grid" not in message.text
    assert "</imagine:" in message.text


def test_lines_go_with_the_way_that_they_are_about() -> None:
    held = {"manages": False, "moderates": False, "owns": False, "in_server": True}
    text = topic_text(TOPICS["pictures"], Standing(denied=frozenset({"inpaint"}), **held))
    assert "`/inpaint`" not in text and "`/outpaint`" not in text and "`/control`" in text
    for way in ("imagine", "grid"):
        text = topic_text(TOPICS["draw"], Standing(denied=frozenset({way}), **held))
        assert f"`/{way}`" not in text and "`advanced`" in text


async def test_the_floor_stands_under_every_topic(town: Town) -> None:
    message = await told_help(town, "ben")
    assert "no sexual picture of a minor" in message.text


async def test_a_german_member_reads_german(town: Town) -> None:
    await town.members.set_locale("ana", "de")
    await town.slash("help")
    # Pressed, it is the command, whatever a reader's Discord calls it.
    message = await town.until_told("Bilder machen", "</imagine:")
    assert "`/" not in message.text
    await town.members.settled(await town.members.select("ana", message.id, "help", ["community"]))
    await town.until_told("</gallery browse:", "</collection new:")


async def test_every_command_that_is_named_can_be_mentioned(bot: Atelier) -> None:
    for topic in TOPICS.values():
        for line in topic.lines:
            assert "`/" not in bot.mentions.put_into(line)


def test_topics_fit_a_phone() -> None:
    for topic in TOPICS.values():
        assert len(topic.lines) <= 8
        assert all(len(line) <= 110 for line in topic.lines)


async def channel(town: Town) -> int:
    (guild, *_others) = (await town.members.town())["guilds"]
    return next(int(one["id"]) for one in guild["channels"] if one["name"] == "studio")
