"""A local Discord over real sockets, and an unmodified discord.py bot that does a little of everything."""

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import discord
import pytest
import yarl
from discord import app_commands
from PIL import Image

from sandbox.client import LocalClient
from sandbox.testing import LocalDiscord


def png() -> bytes:
    """A picture 2 wide and 3 high."""
    buffer = io.BytesIO()
    Image.new("RGB", (2, 3), "orange").save(buffer, "PNG")
    return buffer.getvalue()


def picture(data: bytes | None = None, name: str = "a.png") -> discord.File:
    """A file to send."""
    return discord.File(io.BytesIO(png() if data is None else data), name)


class Advanced(discord.ui.Modal, title="Advanced"):
    """A text, a menu and a file, answered with what they held."""

    steps: discord.ui.TextInput[Any] = discord.ui.TextInput(label="Steps", default="20", max_length=3)
    sampler = discord.ui.Label(
        text="Sampler",
        component=discord.ui.Select(
            options=[discord.SelectOption(label="Euler", default=True), discord.SelectOption(label="DDIM")]
        ),
    )
    image = discord.ui.Label(text="Image", component=discord.ui.FileUpload(required=False, min_values=0))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        sampler: Any = self.sampler.component
        image: Any = self.image.component
        sizes = [len(await attachment.read()) for attachment in image.values]
        text = f"steps {self.steps.value} {sampler.values[0]} {sizes}"
        await interaction.response.send_message(text, ephemeral=True)


class Panel(discord.ui.View):
    """Buttons and a menu whose ids stay the same over a restart."""

    def __init__(self) -> None:
        super().__init__(timeout=None)

    @discord.ui.button(label="Advanced", custom_id="panel:advanced")
    async def advanced(self, interaction: discord.Interaction, _: Any) -> None:
        await interaction.response.send_modal(Advanced())

    @discord.ui.button(label="Again", custom_id="panel:again", emoji="🔁")
    async def again(self, interaction: discord.Interaction, _: Any) -> None:
        await interaction.response.edit_message(content="again")

    @discord.ui.select(
        custom_id="panel:style",
        placeholder="Style",
        options=[discord.SelectOption(label=s) for s in ("ink", "oil")],
    )
    async def style(self, interaction: discord.Interaction, menu: Any) -> None:
        await interaction.response.send_message(f"style {menu.values[0]}")


class SampleBot(discord.Client):
    """Commands, components and events; `seen` holds what arrived by the gateway."""

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents.default(), guild_ready_timeout=0)
        self.tree = app_commands.CommandTree(self)
        self.seen: list[tuple[str, Any]] = []
        self.hold = asyncio.Event()
        for command in COMMANDS:
            self.tree.add_command(command)

    async def setup_hook(self) -> None:
        self.add_view(Panel())
        await self.tree.sync()

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        self.seen.append(("interaction", interaction))

    async def on_message(self, message: discord.Message) -> None:
        self.seen.append(("message", message))

    async def on_raw_reaction_add(self, event: discord.RawReactionActionEvent) -> None:
        self.seen.append(("reaction", event))

    def arrived(self, kind: str) -> list[Any]:
        """What came of one kind, oldest first."""
        return [thing for name, thing in self.seen if name == kind]


@app_commands.command()
@app_commands.describe(prompt="What to paint")
async def imagine(
    interaction: discord.Interaction,
    prompt: app_commands.Range[str, 1, 100],
    model: str | None = None,
    steps: app_commands.Range[int, 1, 50] = 20,
    image: discord.Attachment | None = None,
) -> None:
    """A placeholder, then a picture."""
    await interaction.response.defer()
    text = f"{prompt} {model} {steps} {len(await image.read()) if image else 0}"
    await interaction.edit_original_response(content=text, attachments=[picture()], view=Panel())


@imagine.autocomplete("model")
async def models(_: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
    return [
        app_commands.Choice(name=name, value=name) for name in ("starter", "sdxl") if name.startswith(typed)
    ]


@app_commands.command()
async def secret(interaction: discord.Interaction) -> None:
    """For one pair of eyes."""
    await interaction.response.send_message("psst", ephemeral=True)


@app_commands.command()
async def held(interaction: discord.Interaction[SampleBot]) -> None:
    """Answers when the test lets it."""
    await interaction.client.hold.wait()
    await interaction.response.defer()


@app_commands.command()
@app_commands.default_permissions(manage_messages=True)
async def moderate(interaction: discord.Interaction) -> None:
    """For moderators."""
    await interaction.response.send_message("done")


@app_commands.context_menu(name="Remix")
async def remix(interaction: discord.Interaction, message: discord.Message) -> None:
    await interaction.response.send_message(f"remix of {message.content}")


class Library(app_commands.Group, name="library", description="Models"):
    """A command with subcommands."""

    @app_commands.command(description="Add one")
    async def add(self, interaction: discord.Interaction, name: str, to: discord.Member) -> None:
        await interaction.response.send_message(f"{name} for {to.name}")


COMMANDS = (imagine, secret, held, moderate, remix, Library())


@pytest.fixture
async def local() -> AsyncIterator[LocalDiscord]:
    """A local Discord of its own for each test."""
    async with LocalDiscord.run() as discord_server:
        yield discord_server


@pytest.fixture
def client(local: LocalDiscord) -> LocalClient:
    """The members' side."""
    return local.client


BotMaker = Callable[[], AbstractAsyncContextManager[SampleBot]]


@pytest.fixture
def new_bot(local: LocalDiscord, monkeypatch: pytest.MonkeyPatch) -> BotMaker:
    """Starts a bot that is told nothing but the two addresses."""
    monkeypatch.setattr(discord.http.Route, "BASE", local.api_url)
    gateway = yarl.URL(local.gateway_url)
    monkeypatch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", gateway)

    @asynccontextmanager
    async def start() -> AsyncIterator[SampleBot]:
        async with SampleBot() as bot:
            running = asyncio.create_task(bot.start("token"))
            await asyncio.wait(
                {running, asyncio.create_task(bot.wait_for("ready"))}, return_when="FIRST_COMPLETED"
            )
            yield bot
        await running

    return start


@pytest.fixture
async def bot(new_bot: BotMaker, client: LocalClient) -> AsyncIterator[SampleBot]:
    """A running bot; in the end, all that it sent must have been as Discord describes it."""
    async with new_bot() as running:
        yield running
    violations = await client.violations()
    assert not violations, violations


@pytest.fixture
async def studio(bot: SampleBot) -> discord.TextChannel:
    """The default server's #studio, as the bot knows it."""
    channel = discord.utils.get(bot.get_all_channels(), name="studio")
    assert isinstance(channel, discord.TextChannel)
    return channel


async def until(condition: Callable[[], Any], *, timeout_s: float = 10.0) -> None:
    """Wait for something inside the bot."""
    async with asyncio.timeout(timeout_s):
        while not condition():
            await asyncio.sleep(0.01)
