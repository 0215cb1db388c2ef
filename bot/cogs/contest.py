"""`/contest`: begin one, enter a picture, see how it stands."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from actions.contest import (
    MAX_THEME_CHARACTERS,
    cancel_contest,
    contest_view,
    enter_contest,
    start_contest,
)
from bot.contest_buttons import Enter, EnterMenu, Standings, entered_text
from bot.discord_limits import Id
from bot.gallery_text import standings_text
from bot.job_offers import offer_published
from bot.people import person_of
from core.words import _

if TYPE_CHECKING:
    from bot.client import Atelier

    Used = discord.Interaction[Atelier]


@app_commands.guild_only()
class ContestCog(commands.GroupCog, name="contest", description="A theme, a closing time, and votes"):
    def __init__(self, client: Atelier) -> None:
        self._client = client
        client.add_dynamic_items(Enter, EnterMenu, Standings)
        super().__init__()

    @app_commands.command(name="start", description="For moderators: begin a contest in this channel")
    @app_commands.describe(theme="What the pictures are to show", lasts="How long: 30m, 2h, 7d or 4w")
    async def start(
        self,
        interaction: Used,
        theme: app_commands.Range[str, 1, MAX_THEME_CHARACTERS],
        lasts: app_commands.Range[str, 1, 10],
    ) -> None:
        contest = await asyncio.to_thread(
            start_contest, self._client.studio, person_of(interaction), theme, lasts
        )
        when = f"<t:{int(contest.closes_at)}:f>"
        told = _("It is announced here, and closes {when}.", when=when)
        await interaction.response.send_message(told, ephemeral=True)

    @app_commands.command(name="enter", description="Enter a published picture of yours")
    @app_commands.describe(id="Its id, as ℹ️ shows it")
    @app_commands.autocomplete(id=offer_published)
    async def enter(self, interaction: Used, id: Id) -> None:
        contest = await asyncio.to_thread(enter_contest, self._client.studio, person_of(interaction), id)
        await interaction.response.send_message(entered_text(contest), ephemeral=True)

    @app_commands.command(name="show", description="How the contest stands, or how the last one ended")
    async def show(self, interaction: Used) -> None:
        view = await asyncio.to_thread(contest_view, self._client.studio, person_of(interaction))
        await interaction.response.send_message(standings_text(view), ephemeral=True)

    @app_commands.command(name="cancel", description="For moderators: end the contest without winners")
    async def cancel(self, interaction: Used) -> None:
        await asyncio.to_thread(cancel_contest, self._client.studio, person_of(interaction))
        await interaction.response.send_message(_("The contest is cancelled."), ephemeral=True)
