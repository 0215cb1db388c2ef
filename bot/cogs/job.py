"""`/job`: look at one job again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.discord_limits import Id
from bot.job_offers import offer_own

if TYPE_CHECKING:
    from bot.client import Atelier


class JobCog(commands.Cog):
    def __init__(self, client: Atelier) -> None:
        self._client = client

    @app_commands.command(name="job", description="Show a picture again, and how it was made")
    @app_commands.describe(id="The id below the picture, like 7ZK3A0QF2M")
    @app_commands.autocomplete(id=offer_own)
    async def job(self, interaction: discord.Interaction[Atelier], id: Id) -> None:
        await self._client.show_job(interaction, id)
