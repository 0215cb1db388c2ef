"""`/takedown`: a picture goes for good, and does not come back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from actions.takedown import MAX_REASON_CHARACTERS, let_back, take_down
from bot.people import person_of

if TYPE_CHECKING:
    from bot.client import Atelier

    Used = discord.Interaction[Atelier]

Id = app_commands.Range[str, 1, 40]


@app_commands.guild_only()
class TakedownCog(
    commands.GroupCog, name="takedown", description="For moderators: pictures that go for good"
):
    def __init__(self, client: Atelier) -> None:
        self._client = client
        super().__init__()

    @app_commands.command(name="picture", description="Erase a picture with its reruns, and keep it away")
    @app_commands.describe(id="Its id, as ℹ️ shows it", reason="The audit keeps it")
    async def picture(
        self, interaction: Used, id: Id, reason: app_commands.Range[str, 1, MAX_REASON_CHARACTERS]
    ) -> None:
        client = self._client
        await interaction.response.defer(ephemeral=True, thinking=True)
        gone = await client.beside(take_down, client.studio, person_of(interaction), id, reason)
        for job in gone:
            await client.placeholders.delete(job)
        others = f" and {len(gone) - 1} that made the same" if len(gone) > 1 else ""
        await interaction.followup.send(
            f"`{gone[-1].id}`{others} taken down. Pictures that look like it are refused here.",
            ephemeral=True,
        )

    @app_commands.command(name="undo", description="Pictures like one that was taken down may come back")
    @app_commands.describe(id="The id of what was taken down, as /audit shows it")
    async def undo(self, interaction: Used, id: Id) -> None:
        await asyncio.to_thread(let_back, self._client.studio, person_of(interaction), id)
        await interaction.response.send_message(f"Pictures like `{id}` may come back.", ephemeral=True)
