"""`/takedown`: a picture goes for good, and does not come back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from actions.takedown import MAX_REASON_CHARACTERS, let_back, take_down
from bot.discord_limits import Id
from bot.people import person_of
from core.words import N_, _, ngettext

if TYPE_CHECKING:
    from bot.client import Atelier

    Used = discord.Interaction[Atelier]

_DONE = N_("`{job}` is taken down. Pictures that look like it are refused here.")
_NOT_KNOWN_AGAIN = N_(
    "`{job}` is taken down. It shows nothing that it could be known again by, so pictures that look like "
    "it are not refused."
)


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
        done = await client.beside(take_down, client.studio, person_of(interaction), id, reason)
        client.wake()
        told = [_(_DONE if done.blocked else _NOT_KNOWN_AGAIN, job=done.jobs[-1].id)]
        if others := len(done.jobs) - 1:
            told.append(
                ngettext(
                    "So is {number} other that made the same.",
                    "So are {number} others that made the same.",
                    others,
                )
            )
        await interaction.followup.send(" ".join(told), ephemeral=True)

    @app_commands.command(name="undo", description="Pictures like one that was taken down may come back")
    @app_commands.describe(id="The id of what was taken down, as /audit shows it")
    async def undo(self, interaction: Used, id: Id) -> None:
        await asyncio.to_thread(let_back, self._client.studio, person_of(interaction), id)
        await interaction.response.send_message(
            _("Pictures like `{job}` may come back.", job=id), ephemeral=True
        )
