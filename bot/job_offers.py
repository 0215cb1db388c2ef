"""What commands offer for a picture's id: one's own, each told by its prompt."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

import discord
from discord import app_commands

from actions.cancel import open_jobs
from actions.gallery import published_of
from actions.newest import newest, newest_made
from actions.person import Person
from actions.studio import Studio
from bot.discord_limits import MOST_CHOICES
from bot.people import person_of
from core.text import shorten
from db.jobs import Job

if TYPE_CHECKING:
    from bot.client import Atelier

    Used = discord.Interaction[Atelier]

Offered = list[app_commands.Choice[str]]


async def offer_own(interaction: Used, typed: str) -> Offered:
    """The newest, ended or not."""
    return await _offer(interaction, typed, newest)


async def offer_made(interaction: Used, typed: str) -> Offered:
    """The newest that there is a picture of."""
    return await _offer(interaction, typed, newest_made)


async def offer_unfinished(interaction: Used, typed: str) -> Offered:
    """Those that wait or are being made."""
    return await _offer(interaction, typed, lambda *of: open_jobs(*of, limit=MOST_CHOICES))


async def offer_published(interaction: Used, typed: str) -> Offered:
    """The newest in this server's gallery."""
    return await _offer(
        interaction, typed, lambda *of: [shown.job for shown in published_of(*of, limit=MOST_CHOICES)]
    )


async def _offer(interaction: Used, typed: str, find: Callable[[Studio, Person], list[Job]]) -> Offered:
    """Those whose id or prompt contains what is typed."""
    jobs = await asyncio.to_thread(find, interaction.client.studio, person_of(interaction))
    labels = {job.id: " ".join([job.id, *job.request.typed_prompt.split()]) for job in jobs}
    wanted = typed.strip().casefold()
    return [
        app_commands.Choice(name=shorten(label, 100), value=job_id)
        for job_id, label in labels.items()
        if wanted in label.casefold()
    ][:MOST_CHOICES]
