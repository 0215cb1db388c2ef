"""Commands, components and modals, from a member's press to what everyone sees."""

import asyncio

import aiohttp
import discord
import pytest

from sandbox.client import LocalClient, LocalError
from sandbox.testing import LocalDiscord
from tests.sandbox.conftest import BotMaker, SampleBot, picture, until


@pytest.mark.usefixtures("bot")
async def test_a_slash_command_is_deferred_and_edited_into_a_picture(client: LocalClient) -> None:
    asked = await client.slash("ana", "studio", "imagine", {"prompt": "a red fox"})
    done = await client.wait_for("studio", lambda m: bool(m.attachments), member="ben")
    assert (done.interaction_id, done.content, done.author) == (asked, "a red fox None 20 0", "Atelier")
    assert (done.attachments[0]["width"], done.attachments[0]["height"]) == (2, 3)
    assert not done.loading
    assert len(done.edited_at) == 1
    assert await client.download(done.attachments[0]) == picture().fp.read()
    await client.say("ana", "studio", "and now?")
    assert [m.id for m in await client.messages("studio", interaction=asked)] == [done.id]
    answer = await client.answered(asked)
    assert (answer.answer_kind, answer.message_id) == (5, done.id)
    assert answer.ack_latency_s is not None
    assert answer.ack_latency_s > 0


@pytest.mark.usefixtures("bot")
async def test_autocomplete_offers_what_the_bot_says(client: LocalClient) -> None:
    offered = await client.choices("ana", "studio", "imagine", "model", "s")
    assert [choice["value"] for choice in offered] == ["starter", "sdxl"]
    assert await client.choices("ana", "studio", "imagine", "model", "x") == []


@pytest.mark.usefixtures("bot")
async def test_attachment_options_reach_the_bot_by_an_absolute_address(client: LocalClient) -> None:
    image = await client.upload("studio", "mine.png", b"12345")
    await client.slash("ana", "studio", "imagine", {"prompt": "fox", "image": image, "steps": 7})
    await client.wait_for("studio", lambda m: m.content == "fox None 7 5")


@pytest.mark.usefixtures("bot")
async def test_subcommands_and_members_are_resolved(client: LocalClient) -> None:
    to = await client.add_member("dora")
    await client.slash("ana", "studio", "library add", {"name": "sdxl", "to": to})
    await client.wait_for("studio", lambda m: m.content == "sdxl for dora")


@pytest.mark.parametrize(
    ("command", "options", "why"),
    [
        ("imagine", {}, "'prompt' is required"),
        ("imagine", {"prompt": "x", "colour": "red"}, "unknown option 'colour'"),
        ("imagine", {"prompt": 5}, "takes str"),
        ("imagine", {"prompt": "x" * 101}, "length 101"),
        ("imagine", {"prompt": "x", "steps": 51}, "value 51"),
        ("imagine", {"prompt": "x", "image": 1}, "no attachment"),
        ("library", {}, "needs one of its subcommands"),
        ("paint", {}, "no command 'paint'"),
        ("moderate", {}, "not offered to ana"),
    ],
)
@pytest.mark.usefixtures("bot")
async def test_the_app_refuses_what_discord_would(
    client: LocalClient, command: str, options: dict[str, object], why: str
) -> None:
    with pytest.raises(LocalError, match=why):
        await client.slash("ana", "studio", command, options)


@pytest.mark.usefixtures("bot")
async def test_moderators_are_offered_their_commands(client: LocalClient) -> None:
    await client.slash("maya", "studio", "moderate")
    await client.wait_for("studio", lambda m: m.content == "done")


async def test_ephemeral_answers_are_for_one_member(bot: SampleBot, client: LocalClient) -> None:
    await client.slash("ana", "studio", "secret")
    seen = await client.wait_for("studio", lambda m: m.content == "psst", member="ana")
    assert seen.ephemeral
    assert await client.messages("studio", "ben") == []
    channel = bot.get_channel(seen.channel_id)
    assert isinstance(channel, discord.TextChannel)
    with pytest.raises(discord.NotFound):
        await channel.fetch_message(seen.id)
    assert bot.arrived("message") == []


@pytest.mark.usefixtures("bot")
async def test_buttons_menus_and_modals(client: LocalClient) -> None:
    await client.slash("ana", "studio", "imagine", {"prompt": "fox"})
    panel = await client.wait_for("studio", lambda m: bool(m.buttons))
    assert [button["label"] for button in panel.buttons] == ["Advanced", "Again"]

    opened = await client.press("ben", panel.id, "Advanced")
    modal = (await client.answered(opened)).modal
    assert modal is not None
    assert modal["title"] == "Advanced"
    with pytest.raises(LocalError, match="1 to 3 characters"):
        await client.submit("ben", opened, {"Steps": "1000"})
    with pytest.raises(LocalError, match="offers"):
        await client.submit("ben", opened, {"Sampler": ["Heun"]})
    with pytest.raises(LocalError, match="no field 'Colour'"):
        await client.submit("ben", opened, {"Colour": "red"})
    image = await client.upload("studio", "mine.png", b"12345")
    await client.submit("ben", opened, {"Steps": "33", "Sampler": ["DDIM"], "Image": [str(image)]})
    await client.wait_for("studio", lambda m: m.content == "steps 33 DDIM [5]" and m.ephemeral, member="ben")
    opened = await client.press("ben", panel.id, "panel:advanced")
    await client.answered(opened)
    await client.submit("ben", opened)
    await client.wait_for("studio", lambda m: m.content == "steps 20 Euler []", member="ben")

    with pytest.raises(LocalError, match="takes 1 to 1 values"):
        await client.select("ana", panel.id, "Style", ["oil", "ink"])
    await client.select("ana", panel.id, "Style", ["oil"])
    await client.wait_for("studio", lambda m: m.content == "style oil")
    await client.press("ana", panel.id, "panel:again")
    await client.wait_for("studio", lambda m: m.id == panel.id and m.content == "again")
    with pytest.raises(LocalError, match="no 'Delete'"):
        await client.press("ana", panel.id, "Delete")


@pytest.mark.usefixtures("bot")
async def test_message_commands(client: LocalClient) -> None:
    said = await client.say("ben", "studio", "a fox")
    await client.message_command("ana", "Remix", said)
    await client.wait_for("studio", lambda m: m.content.startswith("remix of"))


@pytest.mark.usefixtures("bot")
async def test_commands_work_in_direct_messages(client: LocalClient) -> None:
    channel = await client.open_dm("ana")
    await client.slash("ana", channel, "imagine", {"prompt": "fox"})
    await client.wait_for(channel, lambda m: bool(m.attachments), member="ana")
    with pytest.raises(LocalError, match="does not see"):
        await client.messages(channel, "ben")


async def test_an_answer_after_three_seconds_is_refused(bot: SampleBot, client: LocalClient) -> None:
    await client.slash("ana", "studio", "held")
    await until(lambda: bot.arrived("interaction"))
    await client.advance(3.1)
    with pytest.raises(discord.NotFound) as refused:
        await bot.arrived("interaction")[0].response.defer()
    assert refused.value.code == 10062
    assert (await client.messages("studio")) == []


async def test_a_second_answer_is_refused(bot: SampleBot, client: LocalClient, local: LocalDiscord) -> None:
    await client.slash("ana", "studio", "held")
    await until(lambda: bot.arrived("interaction"))
    asked = bot.arrived("interaction")[0]
    url = f"{local.api_url}/interactions/{asked.id}/{asked.token}/callback"
    async with aiohttp.ClientSession() as session:
        async with session.post(url, json={"type": 5}) as first:
            assert first.status == 204
        async with session.post(url, json={"type": 5}) as second:
            assert (second.status, (await second.json())["code"]) == (400, 40060)


async def test_an_interaction_token_lives_for_fifteen_minutes(bot: SampleBot, client: LocalClient) -> None:
    bot.hold.set()
    await client.slash("ana", "studio", "held")
    placeholder = await client.wait_for("studio", lambda m: m.loading)
    asked = bot.arrived("interaction")[0]
    await client.advance(14 * 60)
    await asked.edit_original_response(content="still")
    await client.advance(61)
    with pytest.raises(discord.HTTPException) as refused:
        await asked.edit_original_response(content="late")
    assert (refused.value.status, refused.value.code) == (401, 50027)
    channel = bot.get_partial_messageable(placeholder.channel_id)
    await channel.get_partial_message(placeholder.id).edit(content="by bot token", attachments=[picture()])
    await client.wait_for("studio", lambda m: m.content == "by bot token" and len(m.attachments) == 1)


async def test_old_buttons_work_for_a_restarted_bot(new_bot: BotMaker, client: LocalClient) -> None:
    async with new_bot():
        await client.slash("ana", "studio", "imagine", {"prompt": "fox"})
        panel = await client.wait_for("studio", lambda m: bool(m.buttons))
    async with new_bot() as again:
        await client.press("ana", panel.id, "Again")
        await client.wait_for("studio", lambda m: m.content == "again")
        assert len(again.arrived("interaction")) == 1


async def test_the_first_follow_up_takes_a_deferred_answers_place(
    bot: SampleBot, client: LocalClient
) -> None:
    bot.hold.set()
    await client.slash("ana", "studio", "held")
    placeholder = await client.wait_for("studio", lambda m: m.loading)
    asked = bot.arrived("interaction")[0]
    await asked.followup.send("first")
    await asked.followup.send("second", ephemeral=True)
    seen = await client.messages("studio", "ana")
    assert [(m.content, m.id == placeholder.id, m.ephemeral) for m in seen] == [
        ("first", True, False),
        ("second", False, True),
    ]
    await asyncio.gather(asked.delete_original_response())
    assert [m.content for m in await client.messages("studio", "ana")] == ["second"]
