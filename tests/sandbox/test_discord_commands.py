"""Who is offered which command, and menus and modals of every kind."""

from typing import Any

import aiohttp
import discord
import pytest
from discord import app_commands

from sandbox.client import LocalClient, LocalError
from sandbox.permissions import Permission
from sandbox.testing import LocalDiscord
from tests.sandbox.conftest import SampleBot, until

ROLE, USER, CHANNEL = 1, 2, 3


def setting(target: int | str, kind: int, permission: bool) -> dict[str, Any]:
    """One of a command's permissions."""
    return {"id": str(target), "type": kind, "permission": permission}


async def ids(client: LocalClient) -> dict[str, int]:
    """The default server and its people, channels and roles by name."""
    guild = (await client.town())["guilds"][0]
    named = {member["user"]["username"]: int(member["user"]["id"]) for member in guild["members"]}
    named |= {thing["name"]: int(thing["id"]) for thing in (*guild["channels"], *guild["roles"])}
    return named | {"guild": int(guild["id"])}


async def offered(client: LocalClient, member: str, channel: str | int = "studio") -> set[str]:
    """The names of the commands that a member is offered."""
    return {command["name"] for command in await client.commands(member, channel)}


@pytest.mark.usefixtures("bot")
async def test_permissions_of_a_command_stand_over_its_default(client: LocalClient) -> None:
    known = await ids(client)
    await client.set_command_permissions("secret", [setting(known["guild"], ROLE, False)])
    await client.set_command_permissions("moderate", [setting(known["ana"], USER, True)])
    assert {"secret", "moderate"} & await offered(client, "ana") == {"moderate"}
    assert {"secret", "moderate"} & await offered(client, "ben") == set()
    assert {"secret", "moderate"} <= await offered(client, "olive")  # the owner
    settings = [setting(known["guild"], ROLE, False), setting(known["moderator"], ROLE, True)]
    await client.set_command_permissions("secret", settings)
    assert "secret" in await offered(client, "maya")
    with pytest.raises(LocalError, match="not offered to ben"):
        await client.slash("ben", "studio", "secret")
    await client.set_command_permissions("secret", [])
    assert "secret" in await offered(client, "ben")


@pytest.mark.usefixtures("bot")
async def test_commands_may_be_kept_to_some_channels(client: LocalClient) -> None:
    known = await ids(client)
    settings = [setting(known["guild"] - 1, CHANNEL, False), setting(known["studio"], CHANNEL, True)]
    await client.set_command_permissions(None, settings)  # for the whole app
    assert "secret" in await offered(client, "ana")
    assert await offered(client, "ana", "gallery") == set()
    await client.set_command_permissions("secret", [setting(known["gallery"], CHANNEL, True)])
    assert await offered(client, "ana", "gallery") == {"secret"}  # its own settings stand in the app's place
    thread = await client.add_thread("ana", "studio", "in here")
    assert "imagine" in await offered(client, "ana", thread)


@pytest.mark.usefixtures("bot")
async def test_members_without_the_permission_use_no_commands(client: LocalClient) -> None:
    use = int(Permission.USE_APPLICATION_COMMANDS)
    await client.set_overwrite("studio", role="@everyone", deny=use)
    assert await offered(client, "ana") == set()
    await client.set_overwrite("studio", member="ana", allow=use)
    assert "secret" in await offered(client, "ana")


async def test_the_bot_reads_permissions_but_does_not_set_them(bot: SampleBot, client: LocalClient) -> None:
    known = await ids(client)
    guild = bot.guilds[0]
    command = next(c for c in await bot.tree.fetch_commands() if c.name == "secret")
    with pytest.raises(discord.NotFound) as missing:
        await command.fetch_permissions(guild)
    assert missing.value.code == 10066
    await client.set_command_permissions("secret", [setting(known["ana"], USER, True)])
    found = (await command.fetch_permissions(guild)).permissions[0]
    assert (found.id, found.permission) == (known["ana"], True)


async def test_age_restricted_commands_need_such_a_channel(bot: SampleBot, client: LocalClient) -> None:
    @app_commands.command(nsfw=True)
    async def daring(interaction: discord.Interaction) -> None:
        """For adults."""
        await interaction.response.send_message("there")

    bot.tree.add_command(daring)
    await bot.tree.sync()
    with pytest.raises(LocalError, match="age-restricted channels only"):
        await client.slash("ana", "studio", "daring")
    await client.change_channel("studio", nsfw=True)
    await until(lambda: any(c.is_nsfw() for c in bot.guilds[0].text_channels))
    await client.slash("ana", "studio", "daring")
    thread = await client.add_thread("ana", "studio", "below")
    await client.slash("ana", thread, "daring")
    await client.wait_for(thread, lambda m: m.content == "there")


async def test_contexts_and_installations(bot: SampleBot, client: LocalClient) -> None:
    @app_commands.command()
    @app_commands.allowed_contexts(guilds=False, dms=True)
    async def private(interaction: discord.Interaction) -> None:
        """In direct messages only."""

    @app_commands.command()
    @app_commands.allowed_installs(guilds=False, users=True)
    async def carried(interaction: discord.Interaction) -> None:
        """Where people carry the app with them."""

    bot.tree.add_command(private)
    bot.tree.add_command(carried)
    await bot.tree.sync()
    assert not {"private", "carried"} & await offered(client, "ana")
    assert "private" in await offered(client, "ana", await client.open_dm("ana"))


async def test_user_commands(bot: SampleBot, client: LocalClient) -> None:
    @app_commands.context_menu(name="Greet")
    async def greet(interaction: discord.Interaction, member: discord.Member) -> None:
        await interaction.response.send_message(f"hello {member.name}")

    bot.tree.add_command(greet)
    await bot.tree.sync()
    await client.user_command("ana", "studio", "Greet", "ben")
    await client.wait_for("studio", lambda m: m.content == "hello ben")


async def test_options_of_every_kind_are_resolved(bot: SampleBot, client: LocalClient) -> None:
    @app_commands.command()
    async def pick(
        interaction: discord.Interaction,
        channel: discord.TextChannel,
        role: discord.Role,
        anyone: discord.Member | discord.Role,
        strength: float,
        loud: bool,
    ) -> None:
        """Takes everything."""
        text = f"{channel.name} {role.name} {anyone.name} {strength} {loud}"
        await interaction.response.send_message(text)

    bot.tree.add_command(pick)
    await bot.tree.sync()
    known = await ids(client)
    values = {"channel": known["gallery"], "role": known["moderator"], "anyone": known["ben"]}
    await client.slash("ana", "studio", "pick", values | {"strength": 0.5, "loud": True})
    await client.wait_for("studio", lambda m: m.content == "gallery moderator ben 0.5 True")


async def test_menus_of_every_kind(studio: discord.TextChannel, client: LocalClient) -> None:
    chosen: list[str] = []
    view = discord.ui.View(timeout=None)
    kinds = (
        discord.ui.UserSelect,
        discord.ui.RoleSelect,
        discord.ui.MentionableSelect,
        discord.ui.ChannelSelect,
    )
    for kind in kinds:
        only: Any = {"channel_types": [discord.ChannelType.text]} if kind is discord.ui.ChannelSelect else {}
        menu: Any = kind(custom_id=kind.__name__, min_values=0, max_values=2, **only)

        async def callback(interaction: discord.Interaction, menu: Any = menu) -> None:
            chosen.append(" ".join(value.name for value in menu.values))
            await interaction.response.defer()

        menu.callback = callback
        view.add_item(menu)
    message = await studio.send("choose", view=view)
    known = await ids(client)
    picks = [["ana", "ben"], ["moderator"], ["maya", "moderator"], ["gallery"]]
    for kind, names in zip(kinds, picks, strict=True):
        await client.select("ana", message.id, kind.__name__, [str(known[name]) for name in names])
        await until(lambda names=names: chosen and chosen[-1] == " ".join(names))
    thread = await client.add_thread("ana", "studio", "a thread")
    with pytest.raises(LocalError, match="no channel of this kind"):
        await client.select("ana", message.id, "ChannelSelect", [str(thread)])
    with pytest.raises(LocalError, match="0 to 2 values"):
        await client.select("ana", message.id, "UserSelect", [str(known[n]) for n in ("ana", "ben", "maya")])


class Everything(discord.ui.Modal, title="Everything"):
    """A modal whose labels hold fields of every kind."""

    prompt = discord.ui.Label(text="Prompt", component=discord.ui.TextInput(style=discord.TextStyle.long))
    who = discord.ui.Label(text="Who", component=discord.ui.UserSelect(required=True))
    role = discord.ui.Label(text="Role", component=discord.ui.RoleSelect(required=False, min_values=0))
    where = discord.ui.Label(text="Where", component=discord.ui.ChannelSelect())
    files = discord.ui.Label(text="Files", component=discord.ui.FileUpload(max_values=2))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        parts: list[Any] = [self.who, self.where, self.files]
        named = [getattr(v, "name", None) or v.filename for part in parts for v in part.component.values]
        prompt: Any = self.prompt.component
        role: Any = self.role.component
        await interaction.response.send_message(f"{prompt.value} {' '.join(named)} {role.values}")


async def test_modals_with_fields_of_every_kind(
    bot: SampleBot, studio: discord.TextChannel, client: LocalClient
) -> None:
    view = discord.ui.View(timeout=None)
    button: Any = discord.ui.Button(label="Open", custom_id="open")

    async def callback(interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(Everything())

    button.callback = callback
    view.add_item(button)
    message = await studio.send("press", view=view)
    opened = await client.press("ana", message.id, "Open")
    assert (await client.answered(opened)).answer_kind == 9
    known = await ids(client)
    files = [str(await client.upload("studio", name, b"1")) for name in ("a.png", "b.png")]
    values = {"Prompt": "a fox", "Who": [str(known["ben"])], "Where": [str(known["gallery"])], "Files": files}
    with pytest.raises(LocalError, match="'Who' takes 1 to 1"):
        await client.submit("ana", opened, values | {"Who": []})
    await client.submit("ana", opened, values)
    await client.wait_for("studio", lambda m: m.content == "a fox ben gallery a.png b.png []")
    assert len(bot.arrived("interaction")) == 2


async def test_single_commands_are_made_changed_and_removed(local: LocalDiscord, client: LocalClient) -> None:
    base = f"{local.api_url}/applications/{(await client.town())['bot_id']}/commands"
    async with aiohttp.ClientSession(headers={"Authorization": "Bot token"}) as session:
        body = {"name": "paint", "description": "Paint", "type": 1}
        made = await (await session.post(base, json=body)).json()
        assert (await session.post(base, json=body)).status == 200
        assert (await session.post(base, json=body | {"name": "draw"})).status == 201
        url = f"{base}/{made['id']}"
        assert (await (await session.patch(url, json={"description": "x"})).json())["description"] == "x"
        taken = await session.patch(url, json={"name": "draw"})
        assert (await taken.json())["code"] == 40041
        assert (await session.delete(url)).status == 204
        assert (await (await session.get(url)).json())["code"] == 10063
    assert await client.violations() == []
