"""`/style`: styles of the server's own."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from actions.styles import add_style, remove_style
from bot.offers import offer_styles
from bot.people import person_of
from core.styles import MAX_NAME_CHARACTERS, MAX_STYLE_CHARACTERS
from core.text import escape_markdown
from core.words import _

if TYPE_CHECKING:
    from bot.client import Atelier

    Used = discord.Interaction[Atelier]

Name = app_commands.Range[str, 1, MAX_NAME_CHARACTERS]


@app_commands.guild_only()
class StyleCog(commands.GroupCog, name="style", description="For managers: styles of this server's own"):
    def __init__(self, client: Atelier) -> None:
        self._client = client
        super().__init__()

    @app_commands.command(name="add", description="A style for everybody here; one of that name is replaced")
    @app_commands.describe(
        name="What it is called",
        prompt="What goes around the prompt, as: pencil sketch of {prompt}, fine lines",
        negative="What it leaves out",
    )
    async def add(
        self,
        interaction: Used,
        name: Name,
        prompt: app_commands.Range[str, 1, MAX_STYLE_CHARACTERS],
        negative: app_commands.Range[str, 0, MAX_STYLE_CHARACTERS] = "",
    ) -> None:
        studio, person = self._client.studio, person_of(interaction)
        style = await asyncio.to_thread(add_style, studio, person, name, prompt, negative)
        done = _(
            "**{name}** is here: {prompt}",
            name=escape_markdown(style.name),
            prompt=escape_markdown(style.prompt),
        )
        await interaction.response.send_message(done, ephemeral=True)

    @app_commands.command(name="remove", description="Take a style of its own from this server")
    @app_commands.describe(name="What it is called")
    @app_commands.autocomplete(name=offer_styles)
    async def remove(self, interaction: Used, name: Name) -> None:
        await asyncio.to_thread(remove_style, self._client.studio, person_of(interaction), name)
        await interaction.response.send_message(
            _("**{name}** is gone.", name=escape_markdown(name)), ephemeral=True
        )
