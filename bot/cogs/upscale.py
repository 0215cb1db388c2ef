"""`/upscale`: a picture with larger sides, and detail to match."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from actions.person import Asked
from actions.upscale import SCALES, upscale
from bot.offers import offer_upscalers
from bot.people import person_of
from db.jobs import Job

if TYPE_CHECKING:
    from bot.client import Atelier


class UpscaleCog(commands.Cog):
    def __init__(self, client: Atelier) -> None:
        self._client = client

    @app_commands.command(name="upscale", description="Make a picture larger, with detail to match")
    @app_commands.describe(
        image="The picture to enlarge; left out: the one that you chose with Use as input",
        upscaler="What enlarges it; left out: the first there is",
        scale="How many times as wide and as high; left out: 2",
    )
    @app_commands.choices(scale=[app_commands.Choice(name=f"{scale}×", value=scale) for scale in SCALES])
    @app_commands.autocomplete(upscaler=offer_upscalers)
    async def upscale(
        self,
        interaction: discord.Interaction[Atelier],
        image: discord.Attachment | None = None,
        upscaler: str | None = None,
        scale: int = SCALES[0],
    ) -> None:
        client, person = self._client, person_of(interaction)

        async def make(asked: Asked) -> Job:
            source = await client.given.input(person, "image", image)
            return await client.beside(
                upscale, client.studio, person, asked, source, upscaler=upscaler, scale=scale
            )

        await client.answer_with_job(interaction, make)
