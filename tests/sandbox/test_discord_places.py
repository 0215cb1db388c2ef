"""Threads, permissions, webhooks and pins, as an unmodified discord.py meets them."""

from typing import Any

import discord
import pytest

from sandbox.client import LocalClient, LocalError
from sandbox.permissions import Permission
from tests.sandbox.conftest import SampleBot, until

VIEW, SEND = int(Permission.VIEW_CHANNEL), int(Permission.SEND_MESSAGES)


async def powers(client: LocalClient, *permissions: Permission) -> None:
    """Give the bot a role."""
    await client.add_role("powers", permissions=sum(permissions))
    await client.set_roles("Atelier", ["powers"])


async def refusal(request: Any) -> tuple[int, int]:
    """Status and code of what Discord refuses."""
    with pytest.raises(discord.HTTPException) as refused:
        await request
    return refused.value.status, refused.value.code


async def test_a_thread_at_a_message_from_begin_to_end(
    bot: SampleBot, studio: discord.TextChannel, client: LocalClient
) -> None:
    message = await studio.send("foxes?")
    thread = await message.create_thread(name="Foxes", auto_archive_duration=60)
    assert (thread.id, thread.parent_id, thread.owner_id) == (message.id, studio.id, bot.application_id)
    said = await client.say("ben", thread.id, "yes")
    await until(lambda: any(m.id == said for m in bot.arrived("message")))
    await thread.send("good")
    assert bot.application_id in [member.id for member in await thread.fetch_members()]
    await client.slash("ana", thread.id, "secret")
    await until(lambda: bot.arrived("interaction"))
    channel = bot.arrived("interaction")[0].channel
    assert isinstance(channel, discord.Thread)
    assert channel.id == thread.id
    seen = (await client.messages("studio"))[0]
    assert seen.id == message.id
    await thread.edit(archived=True)
    with pytest.raises(LocalError, match="archived"):
        await client.slash("ana", thread.id, "secret")
    await client.say("ana", thread.id, "awake again")
    await until(lambda: (found := studio.get_thread(thread.id)) and not found.archived)
    await powers(client, Permission.MANAGE_THREADS)
    await thread.delete()
    await until(lambda: studio.get_thread(thread.id) is None)


async def test_private_threads_are_for_those_who_were_added(
    bot: SampleBot, studio: discord.TextChannel, client: LocalClient
) -> None:
    thread = await client.add_thread("ana", "studio", "Secret", private=True)
    await client.say("ana", thread, "hidden")
    with pytest.raises(LocalError, match="does not see"):
        await client.messages(thread, "ben")
    assert await refusal(bot.fetch_channel(thread)) == (403, 50001)
    assert bot.arrived("message") == []
    await client.thread_member(thread, "Atelier")
    await until(lambda: studio.get_thread(thread))
    await client.say("ana", thread, "hello bot")
    await until(lambda: bot.arrived("message"))
    mine = await studio.create_thread(name="Mine", type=discord.ChannelType.private_thread)
    ben = await client.add_member("benita")
    await mine.add_user(discord.Object(ben))
    assert await client.messages(mine.id, "benita") == []
    await mine.leave()


async def test_locked_threads_are_for_moderators(studio: discord.TextChannel, client: LocalClient) -> None:
    thread = await (await studio.send("x")).create_thread(name="Locked")
    await client.change_thread(thread.id, locked=True)
    assert (await refusal(thread.send("no")))[1] == 160005
    await powers(client, Permission.MANAGE_THREADS)
    await thread.send("yes")


async def test_overwrites_decide_what_the_bot_may(
    bot: SampleBot, studio: discord.TextChannel, client: LocalClient
) -> None:
    await client.set_overwrite("studio", role="@everyone", deny=SEND)
    assert await refusal(studio.send("no")) == (403, 50013)
    await client.set_overwrite("studio", member="Atelier", allow=SEND)
    await studio.send("yes")
    await client.set_overwrite("studio", member="Atelier", deny=VIEW)
    assert await refusal(studio.send("no")) == (403, 50001)
    before = len(bot.arrived("message"))
    await client.say("ana", "gallery", "seen")
    await until(lambda: len(bot.arrived("message")) == before + 1)
    await client.set_overwrite("studio", member="Atelier")
    await until(lambda: studio.permissions_for(studio.guild.me).view_channel)


async def test_what_members_see_follows_overwrites(client: LocalClient) -> None:
    await client.set_overwrite("gallery", role="@everyone", deny=VIEW)
    await client.set_overwrite("gallery", role="moderator", allow=VIEW)
    await client.messages("gallery", "maya")
    await client.messages("gallery", "olive")  # the owner may everything
    with pytest.raises(LocalError, match="ana does not see"):
        await client.messages("gallery", "ana")


async def test_members_write_where_they_may(client: LocalClient) -> None:
    await client.set_overwrite("gallery", role="@everyone", deny=SEND)
    with pytest.raises(LocalError, match="ana may not write here"):
        await client.say("ana", "gallery", "no")
    thread = await client.add_thread("ana", "gallery", "but here")
    await client.say("ana", thread, "yes")
    await client.change_thread(thread, locked=True)
    with pytest.raises(LocalError, match="locked"):
        await client.say("ana", thread, "no more")


async def test_the_bot_removes_messages_at_once(
    bot: SampleBot, studio: discord.TextChannel, client: LocalClient
) -> None:
    for number in range(3):
        await client.say("ana", "studio", str(number))
    await until(lambda: len(bot.arrived("message")) == 3)
    await powers(client, Permission.MANAGE_MESSAGES)
    await studio.delete_messages(bot.arrived("message")[:2])
    assert [m.content for m in await client.messages("studio")] == ["2"]
    await bot.arrived("message")[2].clear_reactions()


async def test_interactions_carry_computed_permissions(
    bot: SampleBot, studio: discord.TextChannel, client: LocalClient
) -> None:
    attach = int(Permission.ATTACH_FILES)
    await client.set_overwrite("studio", member="Atelier", deny=attach)
    await client.set_overwrite("studio", member="ana", allow=int(Permission.MANAGE_MESSAGES))
    await client.slash("ana", "studio", "secret")
    await client.slash("ana", await client.open_dm("ana"), "secret")
    await until(lambda: len(bot.arrived("interaction")) == 2)
    here, dm = bot.arrived("interaction")
    assert here.permissions.manage_messages
    assert not here.app_permissions.attach_files
    assert here.app_permissions.embed_links
    assert dm.app_permissions == discord.Permissions(
        attach_files=True, embed_links=True, mention_everyone=True, use_external_emojis=True
    )
    # What the bot says to an interaction needs no permission to send.
    await client.set_overwrite("studio", member="Atelier", deny=SEND)
    await client.slash("ana", "studio", "secret")
    await client.wait_for("studio", lambda m: m.ephemeral, member="ana")
    assert studio.guild.me is not None


async def test_roles_are_given_below_ones_own(bot: SampleBot, client: LocalClient) -> None:
    guild = bot.guilds[0]
    low = await client.add_role("low")
    await powers(client, Permission.MANAGE_ROLES)
    high = await client.add_role("high")
    await until(lambda: guild.me.guild_permissions.manage_roles and guild.get_role(high))
    ana = await guild.fetch_member(await client.add_member("annie"))
    await ana.add_roles(discord.Object(low))
    assert await refusal(ana.add_roles(discord.Object(high))) == (403, 50013)
    assert [role.id for role in (await guild.fetch_member(ana.id)).roles[1:]] == [low]
    await client.change_role("powers", permissions=0)
    await until(lambda: not guild.me.guild_permissions.manage_roles)
    assert await refusal(ana.remove_roles(discord.Object(low))) == (403, 50013)


async def test_webhooks_post_under_their_own_name(studio: discord.TextChannel, client: LocalClient) -> None:
    assert await refusal(studio.create_webhook(name="news")) == (403, 50013)
    await powers(client, Permission.MANAGE_WEBHOOKS)
    webhook = await studio.create_webhook(name="news")
    assert [each.id for each in await studio.webhooks()] == [webhook.id]
    sent = await webhook.send("hello", username="Fox", wait=True)
    await webhook.send("again")
    first, second = await client.messages("studio")
    assert (first.author, second.author) == ("Fox", "news")
    await webhook.edit_message(sent.id, content="better")
    assert (await webhook.fetch_message(sent.id)).content == "better"
    thread = await (await studio.send("x")).create_thread(name="News")
    await webhook.send("in here", thread=thread)
    assert [m.content for m in await client.messages(thread.id)][-1] == "in here"
    await webhook.delete_message(sent.id)
    await webhook.edit(name="late news")
    await webhook.delete()
    assert await refusal(webhook.send("gone")) == (404, 10015)


async def test_pins(bot: SampleBot, studio: discord.TextChannel, client: LocalClient) -> None:
    message = await studio.send("keep this")
    assert await refusal(message.pin()) == (403, 50013)
    await powers(client, Permission.PIN_MESSAGES)
    await message.pin()
    assert [pinned.id async for pinned in studio.pins()] == [message.id]
    await until(lambda: any(m.type is discord.MessageType.pins_add for m in bot.arrived("message")))
    await message.unpin()
    assert [pinned.id async for pinned in studio.pins()] == []


async def test_uploads_grow_with_the_servers_tier(bot: SampleBot, client: LocalClient) -> None:
    bot.hold.set()
    for number, (tier, limit) in enumerate([(0, 10), (1, 10), (2, 50), (3, 100)]):
        await client.boost(tier)
        await client.slash("ana", "studio", "held")
        await until(lambda n=number: len(bot.arrived("interaction")) == n + 1)
        assert bot.arrived("interaction")[number].filesize_limit == limit << 20
        assert bot.guilds[0].filesize_limit == (limit << 20 if tier else 10 << 20)
