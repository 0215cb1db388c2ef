"""`/admin`: run the studio, or one's server in it."""

from __future__ import annotations

import asyncio
import io
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from actions.admin import (
    MAX_DAYS,
    MAX_REASON_CHARACTERS,
    drain,
    pause,
    resume,
    switch_model,
    switchable_models,
    what_is_off,
    who_uses,
    workers_here,
)
from actions.health import health
from bot.admin_text import health_lines, off_line, usage_alt_text, usage_line
from bot.discord_limits import MOST_CHOICES
from bot.embeds import list_embed
from bot.offers import offered
from bot.people import person_of
from core.charts import bar_chart
from core.errors import NotAllowed
from core.text import shorten
from core.words import N_, _

if TYPE_CHECKING:
    from bot.client import Atelier

    Used = discord.Interaction[Atelier]

_WHERE = [
    app_commands.Choice(name="this server", value="server"),
    app_commands.Choice(name="the whole studio", value="studio"),
]
_STATES = [app_commands.Choice(name="on", value="on"), app_commands.Choice(name="off", value="off")]
_WHERE_TEXT = "Left out: this server; the whole studio is for its owner"
Reason = app_commands.Range[str, 1, MAX_REASON_CHARACTERS]

_PAUSED = N_("Paused. What runs is finished, what is asked for waits; `/admin resume` goes on.")


async def offer_workers(interaction: Used, typed: str) -> list[app_commands.Choice[str]]:
    try:
        found = await asyncio.to_thread(workers_here, interaction.client.studio, person_of(interaction))
    except NotAllowed:
        return []
    names = [worker.id for worker in found if typed.strip().casefold() in worker.id.casefold()]
    return [app_commands.Choice(name=shorten(name, 100), value=name) for name in names[:MOST_CHOICES]]


async def offer_all_models(interaction: Used, typed: str) -> list[app_commands.Choice[str]]:
    try:
        found = await asyncio.to_thread(switchable_models, interaction.client.studio, person_of(interaction))
    except NotAllowed:
        return []
    return offered(found, typed)


class AdminCog(commands.GroupCog, name="admin", description="For managers and the owner: run the studio"):
    def __init__(self, client: Atelier) -> None:
        self._client = client
        super().__init__()

    @app_commands.command(name="pause", description="Begin nothing new; what is asked for waits")
    @app_commands.describe(reason="Members read it", where=_WHERE_TEXT)
    @app_commands.choices(where=_WHERE)
    async def pause(self, interaction: Used, reason: Reason = "", where: str = "server") -> None:
        await asyncio.to_thread(
            pause, self._client.studio, person_of(interaction), whole=where == "studio", reason=reason
        )
        await interaction.response.send_message(_(_PAUSED), ephemeral=True)

    @app_commands.command(name="resume", description="Go on after a pause, and with drained workers")
    @app_commands.describe(where=_WHERE_TEXT)
    @app_commands.choices(where=_WHERE)
    async def resume(self, interaction: Used, where: str = "server") -> None:
        await asyncio.to_thread(resume, self._client.studio, person_of(interaction), whole=where == "studio")
        await interaction.response.send_message(_("It goes on."), ephemeral=True)

    @app_commands.command(name="drain", description="For the owner: workers finish and take no more")
    @app_commands.describe(worker="Which one; left out: all")
    @app_commands.autocomplete(worker=offer_workers)
    async def drain(self, interaction: Used, worker: app_commands.Range[str, 1, 100] | None = None) -> None:
        chosen = await asyncio.to_thread(drain, self._client.studio, person_of(interaction), worker)
        named = ", ".join(f"`{one}`" for one in chosen)
        text = _(
            "They finish what they have and take no more: {workers}. `/admin resume` ends it.", workers=named
        )
        await interaction.response.send_message(shorten(text, 2000), ephemeral=True)

    @app_commands.command(name="model", description="Let a model draw, or no more")
    @app_commands.describe(model="Its name", state="Whether it draws", where=_WHERE_TEXT)
    @app_commands.choices(state=_STATES, where=_WHERE)
    @app_commands.autocomplete(model=offer_all_models)
    async def model(
        self,
        interaction: Used,
        model: app_commands.Range[str, 1, 100],
        state: str,
        where: str = "server",
    ) -> None:
        on = state == "on"
        await asyncio.to_thread(
            switch_model,
            self._client.studio,
            person_of(interaction),
            model,
            on=on,
            whole=where == "studio",
        )
        done = _("`{model}` draws again.", model=model) if on else _("`{model}` draws no more.", model=model)
        await interaction.response.send_message(done, ephemeral=True)

    @app_commands.command(name="off", description="What is paused, drained or switched off")
    async def off(self, interaction: Used) -> None:
        found = await asyncio.to_thread(what_is_off, self._client.studio, person_of(interaction))
        embed = list_embed(
            _("Switched off"), [off_line(one) for one in found], _("Nothing: all of it works.")
        )
        await interaction.response.send_message(embed=embed, ephemeral=True)

    @app_commands.command(name="usage", description="Who uses how much")
    @app_commands.describe(days="Of the last days; left out: 7", where=_WHERE_TEXT)
    @app_commands.choices(where=_WHERE)
    async def usage(
        self,
        interaction: Used,
        days: app_commands.Range[int, 1, MAX_DAYS] = 7,
        where: str = "server",
    ) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        found = await asyncio.to_thread(
            who_uses, self._client.studio, person_of(interaction), days=days, whole=where == "studio"
        )
        lines = [usage_line(place, used) for place, used in enumerate(found, 1)]
        embed = list_embed(_("Who uses how much"), lines, _("Nobody made a picture in that time."))
        if not found:
            await interaction.followup.send(embed=embed, ephemeral=True)
            return
        chart = await self._client.beside(bar_chart, [used.credits for used in found])
        file = discord.File(io.BytesIO(chart), "usage.png", description=usage_alt_text(found))
        embed.set_image(url="attachment://usage.png")
        await interaction.followup.send(embed=embed, file=file, ephemeral=True)

    @app_commands.command(name="health", description="For the owner: how the studio is")
    async def health(self, interaction: Used) -> None:
        client = self._client
        await interaction.response.defer(ephemeral=True, thinking=True)
        found = await client.beside(health, client.studio, person_of(interaction))
        lines = health_lines(found, redis_ok=await client.redis_answers(), gateway_s=client.latency)
        await interaction.followup.send(embed=list_embed(_("How the studio is"), lines, ""), ephemeral=True)
