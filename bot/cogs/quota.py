"""`/quota`: one's credits; for managers, what roles give, grants, and what holds for the server."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from actions.grant import MAX_REASON_CHARACTERS, grant_credits
from actions.quota import quota
from actions.tier import MAX_REFILL_HOURS, change_rules, change_tier, remove_tier, tiers_here
from bot.embeds import list_embed
from bot.people import person_of
from bot.quota_text import quota_text, rules_text, tier_line, tiers_lines
from bot.text import credits as credits_text
from core.tiers import MAX_CREDITS, MAX_JOBS, MAX_RETENTION_DAYS, MAX_WEIGHT, MIN_WEIGHT
from core.words import _

if TYPE_CHECKING:
    from bot.client import Atelier

    Used = discord.Interaction[Atelier]

Credits = app_commands.Range[int, 0, MAX_CREDITS]
Jobs = app_commands.Range[int, 1, MAX_JOBS]


class QuotaCog(commands.GroupCog, name="quota", description="Your credits, and what roles give"):
    def __init__(self, client: Atelier) -> None:
        self._client = client
        super().__init__()

    @app_commands.command(name="show", description="Your credits, what is held, and when more come")
    async def show(self, interaction: Used) -> None:
        told = await asyncio.to_thread(quota, self._client.studio, person_of(interaction))
        await interaction.response.send_message(quota_text(told), ephemeral=True)

    @app_commands.command(name="grant", description="For managers: give a member credits, or take some back")
    @app_commands.describe(member="Who", credits="How many; below zero takes back", reason="For the audit")
    async def grant(
        self,
        interaction: Used,
        member: discord.User,
        credits: app_commands.Range[int, -MAX_CREDITS, MAX_CREDITS],
        reason: app_commands.Range[str, 1, MAX_REASON_CHARACTERS] | None = None,
    ) -> None:
        person = person_of(interaction)
        left = await asyncio.to_thread(
            grant_credits, self._client.studio, person, member.id, credits, reason=reason
        )
        told = _("<@{member}> has {credits} now.", member=member.id, credits=credits_text(left))
        await interaction.response.send_message(told, ephemeral=True)

    @app_commands.command(name="tier", description="For managers: what a role gives; what is left out stays")
    @app_commands.describe(
        role="Whom it is for; left out: everybody",
        refill="Credits that come with each refill",
        cap="The balance that refills go up to",
        jobs="Unfinished jobs at once",
        running="Jobs that are drawn at once",
        weight="Share of the workers while there is a queue; 1 is usual",
        retention="Days that pictures are kept; 0: for good",
        remove="The role gives nothing any more",
    )
    async def tier(
        self,
        interaction: Used,
        role: discord.Role | None = None,
        refill: Credits | None = None,
        cap: Credits | None = None,
        jobs: Jobs | None = None,
        running: Jobs | None = None,
        weight: app_commands.Range[float, MIN_WEIGHT, MAX_WEIGHT] | None = None,
        retention: app_commands.Range[int, 0, MAX_RETENTION_DAYS] | None = None,
        remove: bool = False,
    ) -> None:
        person, studio = person_of(interaction), self._client.studio
        role_id = role.id if role is not None else person.guild_id or 0
        if remove:
            await asyncio.to_thread(remove_tier, studio, person, role_id)
            await interaction.response.send_message(_("That role gives nothing any more."), ephemeral=True)
            return
        given = {"refill": refill, "cap": cap, "jobs": jobs, "running": running, "weight": weight}
        changes: dict[str, float | None] = {name: value for name, value in given.items() if value is not None}
        if retention is not None:
            changes["retention"] = retention or None
        tier = await asyncio.to_thread(change_tier, studio, person, role_id, changes)
        line = tier_line(role_id, person.guild_id, tier)
        await interaction.response.send_message(line, ephemeral=True)

    @app_commands.command(name="tiers", description="What roles give here")
    async def tiers(self, interaction: Used) -> None:
        person = person_of(interaction)
        tiers, rules = await asyncio.to_thread(tiers_here, self._client.studio, person)
        lines = tiers_lines(tiers, rules, person.guild_id)
        await interaction.response.send_message(
            embed=list_embed(_("What roles give"), lines, ""), ephemeral=True
        )

    @app_commands.command(name="server", description="For managers: when credits come, what is asked first")
    @app_commands.describe(
        refill_hours="Hours between two refills, from midnight UTC",
        confirm_above="A command that costs more credits asks first; below zero: as usual",
    )
    async def server(
        self,
        interaction: Used,
        refill_hours: app_commands.Range[int, 1, MAX_REFILL_HOURS] | None = None,
        confirm_above: app_commands.Range[int, -1, MAX_CREDITS] | None = None,
    ) -> None:
        rules = await asyncio.to_thread(
            change_rules,
            self._client.studio,
            person_of(interaction),
            refill_hours=refill_hours,
            confirm_above=confirm_above,
        )
        await interaction.response.send_message(rules_text(rules), ephemeral=True)
