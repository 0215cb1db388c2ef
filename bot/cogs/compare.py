"""`/compare`: two pictures side by side, and what differs in how they were made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from actions.compare import Comparison, compare
from bot.differences import differences
from bot.files import shrink
from bot.job_offers import offer_made
from bot.people import person_of
from bot.post import Picture
from bot.text import plain_prompt
from core.text import lines_within
from core.words import _

if TYPE_CHECKING:
    from bot.client import Atelier

_LENGTH = 4096


class CompareCog(commands.Cog):
    def __init__(self, client: Atelier) -> None:
        self._client = client

    @app_commands.command(name="compare", description="Two pictures side by side, and what differs")
    @app_commands.describe(
        first="The id below a picture; of several, with its number: 7ZK3A0QF2M 2",
        second="The id below the other one",
    )
    @app_commands.autocomplete(first=offer_made, second=offer_made)
    async def compare(
        self,
        interaction: discord.Interaction[Atelier],
        first: app_commands.Range[str, 1, 50],
        second: app_commands.Range[str, 1, 50],
    ) -> None:
        client = self._client
        client.limits.learn(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        found = await client.beside(compare, client.studio, person_of(interaction), first, second)
        picture = await client.beside(_picture, found, client.limits.of(interaction.guild_id))
        await interaction.followup.send(file=picture.file(), embed=_embed(found), ephemeral=True)


def _picture(found: Comparison, limit: int) -> Picture:
    """Both as one file of at most `limit` bytes. Blocks on encoding."""
    fits = len(found.png) <= limit
    alt = _(
        "Left: {first}; right: {second}",
        first=plain_prompt(found.first, 400),
        second=plain_prompt(found.second, 400),
    )
    return Picture(
        name=f"{found.first.id}-{found.second.id}.{'png' if fits else 'webp'}",
        data=found.png if fits else shrink(found.png, limit),
        description=alt,
        spoiler=found.flagged,
    )


def _embed(found: Comparison) -> discord.Embed:
    lines = [
        f"**{one.name}**: {one.first or '-'} → {one.second or '-'}"
        for one in differences(found.first, found.second)
    ]
    text = lines_within(lines, _LENGTH) or _("All settings are the same.")
    return discord.Embed(title=f"{found.first.id} · {found.second.id}", description=text)
