"""Messages by the bot's token: files, edits, limits, mentions, direct messages, reactions, the CDN."""

import aiohttp
import discord
import pytest
import yarl

from sandbox.client import LocalClient, LocalError
from sandbox.testing import LocalDiscord
from tests.sandbox.conftest import SampleBot, picture, until


async def test_edits_keep_the_files_that_are_listed(studio: discord.TextChannel, client: LocalClient) -> None:
    message = await studio.send("two", files=[picture(name="a.png"), picture(b"not a picture", "b.txt")])
    assert [attachment.width for attachment in message.attachments] == [2, None]
    await message.edit(attachments=[message.attachments[1], picture(name="c.png")])
    (seen,) = await client.messages("studio")
    assert [attachment["filename"] for attachment in seen.attachments] == ["b.txt", "c.png"]
    with pytest.raises(LocalError, match="404"):
        await client.download(message.attachments[0].url)
    fetched = await studio.fetch_message(message.id)
    assert fetched.edited_at is not None
    await message.delete()
    assert [m async for m in studio.history()] == []


async def test_history_is_listed_by_pages(studio: discord.TextChannel, client: LocalClient) -> None:
    for number in range(5):
        await client.say("ana", "studio", str(number))
    listed = [m async for m in studio.history(limit=3)]
    assert len(listed) == 3
    older = [m.id async for m in studio.history(before=listed[-1])]
    newer = [m.id async for m in studio.history(after=listed[-1])]
    assert (len(older), newer) == (2, [listed[1].id, listed[0].id])


async def test_too_large_a_file_is_refused(bot: SampleBot, client: LocalClient) -> None:
    await client.add_guild("Small", upload_limit=1000)
    channel_id = await client.add_channel("tiny", guild="Small")
    await until(lambda: bot.get_channel(channel_id))
    channel = bot.get_channel(channel_id)
    assert isinstance(channel, discord.TextChannel)
    with pytest.raises(discord.HTTPException) as refused:
        await channel.send(file=picture(b"x" * 1001))
    assert (refused.value.status, refused.value.code) == (413, 40005)
    bot.hold.set()
    await client.add_member("dora", guild="Small")
    await client.slash("olive", channel_id, "held")
    await client.wait_for(channel_id, lambda m: m.loading)
    asked = bot.arrived("interaction")[0]
    assert asked.filesize_limit == 1000
    with pytest.raises(discord.HTTPException) as refused:
        await asked.edit_original_response(attachments=[picture(b"x" * 1001)])
    assert refused.value.code == 40005
    await asked.edit_original_response(attachments=[picture(b"x" * 1000)])


async def test_an_empty_or_too_long_message_is_refused(
    studio: discord.TextChannel, client: LocalClient
) -> None:
    with pytest.raises(discord.HTTPException) as refused:
        await studio.send("")
    assert refused.value.code == 50006
    embed = discord.Embed(description="x" * 4000)
    with pytest.raises(discord.HTTPException) as refused:
        await studio.send(embeds=[embed, embed])
    assert refused.value.code == 50035
    assert await client.messages("studio") == []


async def test_mentions_ping_only_whom_the_bot_allows(
    studio: discord.TextChannel, client: LocalClient
) -> None:
    ana = await client.add_member("anabel")
    text = f"@everyone <@{ana}>"
    await studio.send(text, allowed_mentions=discord.AllowedMentions.none())
    await studio.send(text)
    quiet, loud = await client.messages("studio")
    assert (quiet.mentions, quiet.mentions_everyone) == ([], False)
    assert (loud.mentions, loud.mentions_everyone) == ([ana], True)


async def test_direct_messages_and_closed_ones(bot: SampleBot, client: LocalClient) -> None:
    ana = next(
        m for g in (await client.town())["guilds"] for m in g["members"] if m["user"]["username"] == "ana"
    )
    user = await bot.fetch_user(int(ana["user"]["id"]))
    await user.send("hello", file=picture())
    (seen,) = await client.messages(await client.open_dm("ana"), "ana")
    assert (seen.content, len(seen.attachments)) == ("hello", 1)
    closed = await bot.fetch_user(await client.add_member("shy", accepts_dms=False))
    with pytest.raises(discord.Forbidden) as refused:
        await closed.send("hello?")
    assert refused.value.code == 50007


async def test_reactions_go_both_ways(
    bot: SampleBot, studio: discord.TextChannel, client: LocalClient
) -> None:
    message = await studio.send("nice")
    await message.add_reaction("🎨")
    await client.react("ana", message.id, "🎨")
    await until(lambda: len(bot.arrived("reaction")) == 2)
    by = bot.arrived("reaction")[1]
    assert (str(by.emoji), by.member.name, by.message_id) == ("🎨", "ana", message.id)
    fetched = await studio.fetch_message(message.id)
    assert [(reaction.count, reaction.me) for reaction in fetched.reactions] == [(2, True)]
    await client.react("ana", message.id, "🎨", remove=True)
    await message.remove_reaction("🎨", bot.user)  # type: ignore[arg-type]
    assert (await studio.fetch_message(message.id)).reactions == []


async def test_cdn_addresses_expire_and_are_signed(studio: discord.TextChannel, client: LocalClient) -> None:
    message = await studio.send(file=picture())
    old = message.attachments[0].url
    assert await client.download(old)
    with pytest.raises(LocalError, match="404"):
        await client.download(old.replace("hm=", "hm=0"))
    await client.advance(24 * 3600)
    with pytest.raises(LocalError, match="no longer available"):
        await client.download(old)
    (seen,) = await client.messages("studio")
    assert await client.download(seen.attachments[0])


async def test_addresses_are_refreshed(
    studio: discord.TextChannel, local: LocalDiscord, client: LocalClient
) -> None:
    url = (await studio.send(file=picture())).attachments[0].url
    query = yarl.URL(url).query
    assert int(query["ex"], 16) - int(query["is"], 16) == 24 * 3600
    assert len(query["hm"]) == 64
    await client.advance(2 * 24 * 3600)
    body = {"attachment_urls": [url, f"{local.url}/attachments/1/2/gone.png"]}
    async with (
        aiohttp.ClientSession(headers={"Authorization": "Bot token"}) as session,
        session.post(f"{local.api_url}/attachments/refresh-urls", json=body) as answer,
    ):
        fresh, gone = (await answer.json())["refreshed_urls"]
    assert (fresh["original"], gone["refreshed"]) == (url, None)
    assert await client.download(fresh["refreshed"])
    with pytest.raises(LocalError, match="404"):
        await client.download(url)


async def test_content_is_hidden_without_its_intent(bot: SampleBot, client: LocalClient) -> None:
    await client.say("ana", "studio", "private")
    await client.say("ana", "studio", f"<@{bot.application_id}> hello")
    await client.say("ana", await client.open_dm("ana"), "direct")
    await until(lambda: len(bot.arrived("message")) == 3)
    texts = [message.content for message in bot.arrived("message")]
    assert texts == ["", f"<@{bot.application_id}> hello", "direct"]


async def test_the_bot_reads_servers_members_and_roles(bot: SampleBot, client: LocalClient) -> None:
    role = await client.add_role("artists", permissions=8)
    await client.add_role("keepers", permissions=1 << 28)
    await client.set_roles("Atelier", ["keepers"])
    guild = await bot.fetch_guild(bot.guilds[0].id)
    await until(lambda: bot.guilds[0].get_role(role))
    member = await bot.guilds[0].fetch_member(await client.add_member("dora"))
    assert not member.guild_permissions.administrator
    await member.add_roles(discord.Object(role))
    member = await bot.guilds[0].fetch_member(member.id)
    assert member.guild_permissions.administrator
    await member.remove_roles(discord.Object(role))
    assert guild.name == "Atelier"
    assert {channel.name for channel in await bot.guilds[0].fetch_channels()} == {"studio", "gallery"}
    with pytest.raises(discord.Forbidden, match="50001"):
        await bot.http.get_members(guild.id, 1000, None)  # the intent is privileged
    assert (await bot.application_info()).owner.name == "olive"


async def test_members_leave_and_channels_go(bot: SampleBot, client: LocalClient) -> None:
    said = await client.say("ben", "gallery", "goodbye")
    await client.remove_member("ben")
    with pytest.raises(LocalError, match="ben does not see"):
        await client.slash("ben", "studio", "secret")
    gallery = discord.utils.get(bot.get_all_channels(), name="gallery")
    assert isinstance(gallery, discord.TextChannel)
    await gallery.get_partial_message(said).add_reaction("👋")
    await client.remove_channel("gallery")
    await until(lambda: bot.get_channel(gallery.id) is None)
    with pytest.raises(discord.NotFound) as refused:
        await gallery.send("anyone?")
    assert refused.value.code == 10003


async def test_only_authors_and_moderators_delete(client: LocalClient) -> None:
    said = await client.say("ana", "studio", "mine")
    with pytest.raises(LocalError, match="ben may not delete"):
        await client.delete("ben", said)
    await client.delete("maya", said)
    assert await client.messages("studio") == []
