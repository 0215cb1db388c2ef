"""`/queue`: how long the line is, and where one's own pictures stand."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from actions.queue import queue
from bot.people import person_of
from bot.text import queue_text

if TYPE_CHECKING:
    from bot.client import Atelier


class QueueCog(commands.Cog):
    def __init__(self, client: Atelier) -> None:
        self._client = client

    @app_commands.command(name="queue", description="See the line and your place in it")
    async def queue(self, interaction: discord.Interaction[Atelier]) -> None:
        view = await asyncio.to_thread(queue, self._client.studio, person_of(interaction))
        await interaction.response.send_message(queue_text(view), ephemeral=True)
