"""`/describe`: how a picture was made, as far as its file says it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.embeds import parameters_embed
from core.png import read_parameters

if TYPE_CHECKING:
    from bot.client import Atelier


class DescribeCog(commands.Cog):
    def __init__(self, client: Atelier) -> None:
        self._client = client

    @app_commands.command(
        name="describe", description="Read the prompt and settings that a picture's file holds"
    )
    @app_commands.describe(
        image="A picture by Atelier, or by any program that writes its settings as A1111 does"
    )
    async def describe(self, interaction: discord.Interaction[Atelier], image: discord.Attachment) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        data = await self._client.given.fetch("image", image.filename, image.url)
        # Decoded, so that what is no picture is refused as everywhere else.
        await self._client.given.decode("image", image.filename, data)
        text = await self._client.beside(read_parameters, data)
        await interaction.followup.send(embed=parameters_embed(image.filename, text), ephemeral=True)
