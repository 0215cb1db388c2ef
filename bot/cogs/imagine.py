"""`/imagine`: make a picture."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from actions.imagine import imagine
from bot.panels import open_panel
from bot.people import person_of
from core.options.imagine import ImagineOptions
from core.request import MAX_COUNT
from core.stages import MAX_PROMPT_CHARACTERS, MAX_SEED
from core.styles import STYLES
from core.text import shorten
from db.workers import search_models

if TYPE_CHECKING:
    from bot.client import Atelier

#: Offered for `size`; anything else that fits the model can be typed.
SHAPES = {
    "1:1": "square",
    "3:2": "landscape",
    "2:3": "portrait",
    "4:3": "landscape",
    "3:4": "portrait",
    "16:9": "wide",
    "9:16": "tall",
}
_CHOICES = 25
_STYLE_CHOICES = [app_commands.Choice(name=name, value=name) for name in list(STYLES)[:_CHOICES]]


class ImagineCog(commands.Cog):
    def __init__(self, client: Atelier) -> None:
        self._client = client

    @app_commands.command(name="imagine", description="Make a picture from words")
    @app_commands.describe(
        prompt="What the picture shows. Flags work too: --ar 16:9 --seed 5 --steps 30 --no text",
        negative="What to leave out",
        model="The model that draws",
        style="A style around your prompt",
        size="A shape like 16:9, or pixels like 512x768",
        count="How many pictures",
        seed="The same seed gives the same picture; left out, it is random",
        advanced="Choose steps, guidance, sampler and schedule before it starts",
    )
    @app_commands.choices(style=_STYLE_CHOICES)
    async def imagine(
        self,
        interaction: discord.Interaction[Atelier],
        prompt: app_commands.Range[str, 1, MAX_PROMPT_CHARACTERS],
        negative: str | None = None,
        model: str | None = None,
        style: str | None = None,
        size: str | None = None,
        count: app_commands.Range[int, 1, MAX_COUNT] | None = None,
        seed: app_commands.Range[int, 0, MAX_SEED] | None = None,
        advanced: bool = False,
    ) -> None:
        is_shape = size is not None and any(mark in size for mark in ":/")
        options = ImagineOptions(
            prompt=prompt,
            negative=negative,
            model=model,
            style=style,
            size=None if is_shape else size,
            aspect=size if is_shape else None,
            count=count,
            seed=seed,
        )
        if advanced:
            await open_panel(interaction, options)
            return
        studio, person = self._client.studio, person_of(interaction)
        await self._client.answer_with_job(interaction, lambda asked: imagine(studio, person, asked, options))

    @imagine.autocomplete("model")
    async def offer_models(
        self, _interaction: discord.Interaction[Atelier], typed: str
    ) -> list[app_commands.Choice[str]]:
        def search() -> list[app_commands.Choice[str]]:
            with self._client.studio.database.read() as session:
                found = search_models(session, typed, limit=_CHOICES)
            return [app_commands.Choice(name=shorten(spec.title, 100), value=spec.name) for spec in found]

        return await asyncio.to_thread(search)

    @imagine.autocomplete("size")
    async def offer_sizes(
        self, _interaction: discord.Interaction[Atelier], typed: str
    ) -> list[app_commands.Choice[str]]:
        wanted = typed.strip().lower()
        return [
            app_commands.Choice(name=f"{shape} ({name})", value=shape)
            for shape, name in SHAPES.items()
            if wanted in f"{shape} {name}"
        ]
