"""`/cancel`: stop a job of one's own."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from actions.cancel import cancel
from bot.discord_limits import Id
from bot.job_offers import offer_unfinished
from bot.people import person_of
from bot.text import cancelled_text

if TYPE_CHECKING:
    from bot.client import Atelier


class CancelCog(commands.Cog):
    def __init__(self, client: Atelier) -> None:
        self._client = client

    @app_commands.command(name="cancel", description="Stop a picture that is waiting or being made")
    @app_commands.describe(id="Which one")
    @app_commands.autocomplete(id=offer_unfinished)
    async def cancel(self, interaction: discord.Interaction[Atelier], id: Id) -> None:
        state = await asyncio.to_thread(cancel, self._client.studio, person_of(interaction), id)
        self._client.wake()
        await interaction.response.send_message(cancelled_text(state), ephemeral=True)
