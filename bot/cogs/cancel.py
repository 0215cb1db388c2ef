"""`/cancel`: stop a job of one's own."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from actions.cancel import cancel, open_jobs
from bot.people import person_of
from bot.text import cancelled_text
from core.text import shorten

if TYPE_CHECKING:
    from bot.client import Atelier

_CHOICES = 25


class CancelCog(commands.Cog):
    def __init__(self, client: Atelier) -> None:
        self._client = client

    @app_commands.command(name="cancel", description="Stop a picture that is waiting or being made")
    @app_commands.describe(id="Which one")
    async def cancel(
        self, interaction: discord.Interaction[Atelier], id: app_commands.Range[str, 1, 40]
    ) -> None:
        state = await asyncio.to_thread(cancel, self._client.studio, person_of(interaction), id)
        self._client.wake()
        await interaction.response.send_message(cancelled_text(state), ephemeral=True)

    @cancel.autocomplete("id")
    async def offer_jobs(
        self, interaction: discord.Interaction[Atelier], typed: str
    ) -> list[app_commands.Choice[str]]:
        jobs = await asyncio.to_thread(open_jobs, self._client.studio, person_of(interaction), limit=_CHOICES)
        labels = {job.id: f"{job.id} {job.request.typed_prompt}" for job in jobs}
        wanted = typed.strip().casefold()
        return [
            app_commands.Choice(name=shorten(label, 100), value=job_id)
            for job_id, label in labels.items()
            if wanted in label.casefold()
        ]
