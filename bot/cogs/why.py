"""`/why`: what is before one's picture, and for what reasons."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from actions.queue import why
from bot.discord_limits import Id
from bot.job_offers import offer_unfinished
from bot.people import person_of
from bot.quota_text import why_text

if TYPE_CHECKING:
    from bot.client import Atelier


class WhyCog(commands.Cog):
    def __init__(self, client: Atelier) -> None:
        self._client = client

    @app_commands.command(name="why", description="See who is before your picture, and why")
    @app_commands.describe(id="The picture's id; left out: the one that you asked for first")
    @app_commands.autocomplete(id=offer_unfinished)
    async def why(
        self,
        interaction: discord.Interaction[Atelier],
        id: Id | None = None,
    ) -> None:
        told = await asyncio.to_thread(why, self._client.studio, person_of(interaction), id)
        await interaction.response.send_message(why_text(told), ephemeral=True)
