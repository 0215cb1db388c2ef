"""`/imagine`: make a picture from words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.offers import begin, offer_models, offer_sizes, offer_styles, split_size
from core.options.drawing import DrawOptions
from core.options.imagine import ImagineOptions
from core.request import MAX_COUNT
from core.stages import MAX_PROMPT_CHARACTERS, MAX_SEED

if TYPE_CHECKING:
    from bot.client import Atelier


class ImagineCog(commands.Cog):
    def __init__(self, _client: Atelier) -> None:
        super().__init__()

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
    @app_commands.autocomplete(model=offer_models, style=offer_styles, size=offer_sizes)
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
        pixels, shape = split_size(size)
        options = ImagineOptions(
            prompt=prompt,
            negative=negative,
            model=model,
            style=style,
            size=pixels,
            aspect=shape,
            count=count,
            seed=seed,
        )

        async def prepare() -> DrawOptions:
            return options

        await begin(interaction, prepare, advanced=advanced)
