"""`/describe`: what a picture shows, by a captioner, and how it was made, as far as its file says it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from actions.describe import can_describe, describe
from actions.person import Asked
from bot.embeds import parameters_embed
from bot.people import person_of
from core.inputs import keep_input
from core.png import read_parameters
from core.words import _
from db.jobs import Job

if TYPE_CHECKING:
    from bot.client import Atelier


class DescribeCog(commands.Cog):
    def __init__(self, client: Atelier) -> None:
        self._client = client

    @app_commands.command(
        name="describe", description="Say what a picture shows, and how it was made as far as its file tells"
    )
    @app_commands.describe(image="Any picture; one by Atelier or A1111 tells its prompt and settings too")
    async def describe(self, interaction: discord.Interaction[Atelier], image: discord.Attachment) -> None:
        client = self._client
        if await client.beside(can_describe, client.studio):
            await self._caption(interaction, image)
            return
        await interaction.response.defer(ephemeral=True, thinking=True)
        data = await client.given.fetch("image", image.filename, image.url)
        # Decoded, so that what is no picture is refused as everywhere else.
        await client.given.decode("image", image.filename, data)
        await interaction.followup.send(
            _("What it shows I can't say: this studio has no captioner yet; its owner can add one."),
            embed=await self._parameters(image, data),
            ephemeral=True,
        )

    async def _caption(self, interaction: discord.Interaction[Atelier], image: discord.Attachment) -> None:
        """A job says what the picture shows; beside it stands what its file says."""
        client, person = self._client, person_of(interaction)
        read: list[bytes] = []

        async def make(asked: Asked) -> Job:
            read[:] = [await client.given.fetch("image", image.filename, image.url)]
            picture = await client.given.decode("image", image.filename, read[0])
            source = await client.beside(keep_input, client.studio.storage, picture.image)
            return await client.beside(describe, client.studio, person, asked, source)

        await client.answer_with_job(interaction, make, private=True)
        embed = await self._parameters(image, read[0])
        await interaction.followup.send(embed=embed, ephemeral=True)

    async def _parameters(self, image: discord.Attachment, data: bytes) -> discord.Embed:
        text = await self._client.beside(read_parameters, data)
        return parameters_embed(image.filename, text)
