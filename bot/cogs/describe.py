"""`/describe`: how a picture was made, where its file says it; else what it shows, by a captioner.

Reading costs nothing; a captioner's words are a job, at the price of one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from actions.describe import can_describe, describe
from actions.person import Asked, Person
from bot.embeds import parameters_embed
from core.inputs import keep_input
from core.png import read_parameters
from core.words import _
from db.jobs import Job

if TYPE_CHECKING:
    from PIL import Image

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
        await interaction.response.defer(ephemeral=True, thinking=True)
        data = await client.given.fetch("image", image.filename, image.url)
        # Decoded, so that what is no picture is refused as everywhere else.
        picture = await client.given.decode("image", image.filename, data)
        said = await client.beside(read_parameters, data)
        if said is None and await client.beside(can_describe, client.studio):
            await self._caption(interaction, picture.image)
            return
        embed = parameters_embed(image.filename, said)
        if said is not None:
            await interaction.followup.send(embed=embed, ephemeral=True)
            return
        words = _("What it shows I can't say: this studio has no captioner yet; its owner can add one.")
        await interaction.followup.send(words, embed=embed, ephemeral=True)

    async def _caption(self, interaction: discord.Interaction[Atelier], picture: Image.Image) -> None:
        client = self._client

        async def make(person: Person, asked: Asked) -> Job:
            source = await client.beside(keep_input, client.studio.storage, picture)
            return await client.beside(describe, client.studio, person, asked, source)

        await client.answer_with_job(interaction, make, private=True)
