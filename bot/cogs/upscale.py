"""`/upscale`: a picture with larger sides, and detail to match."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from actions.person import Asked, Person
from actions.upscale import latent_upscalers, upscale
from bot.offers import offer_models, offer_upscalers, offered
from core.options.upscale import SCALES, UpscaleOptions, Way
from db.jobs import Job

if TYPE_CHECKING:
    from bot.client import Atelier

_WAYS = [
    app_commands.Choice(name="model: finer edges by an upscaler", value=Way.MODEL.value),
    app_commands.Choice(name="detail: drawn again in overlapping tiles", value=Way.DETAIL.value),
    app_commands.Choice(name="latent: drawn anew at twice the size", value=Way.LATENT.value),
]


async def _offer_upscalers(
    interaction: discord.Interaction[Atelier], typed: str
) -> list[app_commands.Choice[str]]:
    """Those of the way that is chosen so far."""
    if interaction.namespace.way != Way.LATENT:
        return await offer_upscalers(interaction, typed)
    studio, guild_id = interaction.client.studio, interaction.guild_id
    return offered(await asyncio.to_thread(latent_upscalers, studio, guild_id), typed)


class UpscaleCog(commands.Cog):
    def __init__(self, client: Atelier) -> None:
        self._client = client

    @app_commands.command(name="upscale", description="Make a picture larger, with detail to match")
    @app_commands.describe(
        image="The picture to enlarge; left out: the one that you chose with Use as input",
        way="How; left out: model",
        upscaler="What enlarges it; left out: the first there is",
        scale="How many times as wide and as high; left out: 2",
        prompt="For detail and latent: what the picture shows",
        strength="For detail: how much is drawn anew, 0 to 1; left out: 0.3",
        model="For detail: the model that draws; left out: the first there is",
    )
    @app_commands.choices(way=_WAYS)
    @app_commands.choices(scale=[app_commands.Choice(name=f"{scale}×", value=scale) for scale in SCALES])
    @app_commands.autocomplete(upscaler=_offer_upscalers, model=offer_models)
    async def upscale(
        self,
        interaction: discord.Interaction[Atelier],
        image: discord.Attachment | None = None,
        way: str = Way.MODEL.value,
        upscaler: str | None = None,
        scale: int = SCALES[0],
        prompt: str | None = None,
        strength: app_commands.Range[float, 0.0, 1.0] | None = None,
        model: str | None = None,
    ) -> None:
        client = self._client

        async def make(person: Person, asked: Asked) -> Job:
            options = UpscaleOptions(
                way=Way(way),
                upscaler=upscaler,
                scale=scale,
                prompt=prompt,
                strength=strength,
                model=model,
            )
            source = await client.given.input(person, "image", image)
            return await client.beside(upscale, client.studio, person, asked, source, options)

        await client.answer_with_job(interaction, make)
