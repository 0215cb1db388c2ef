"""`/img2img`: make a picture from a picture and words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.offers import begin, offer_models
from bot.people import person_of
from core.options.drawing import DrawOptions
from core.options.img2img import Img2ImgOptions
from core.request import MAX_COUNT
from core.stages import MAX_PROMPT_CHARACTERS, MAX_SEED

if TYPE_CHECKING:
    from bot.client import Atelier


class Img2ImgCog(commands.Cog):
    def __init__(self, client: Atelier) -> None:
        self._client = client

    @app_commands.command(name="img2img", description="Make a picture from a picture and words")
    @app_commands.describe(
        prompt="What the new picture shows",
        image="The picture to start from; left out: the one that you chose with Use as input",
        strength="0 keeps the picture, 1 replaces it",
        negative="What to leave out",
        model="The model that draws",
        count="How many pictures",
        seed="The same seed gives the same picture; left out, it is random",
        advanced="Choose steps, guidance, sampler and more before it starts",
    )
    @app_commands.autocomplete(model=offer_models)
    async def img2img(
        self,
        interaction: discord.Interaction[Atelier],
        prompt: app_commands.Range[str, 1, MAX_PROMPT_CHARACTERS],
        image: discord.Attachment | None = None,
        strength: app_commands.Range[float, 0, 1] | None = None,
        negative: str | None = None,
        model: str | None = None,
        count: app_commands.Range[int, 1, MAX_COUNT] | None = None,
        seed: app_commands.Range[int, 0, MAX_SEED] | None = None,
        advanced: bool = False,
    ) -> None:
        async def prepare() -> DrawOptions:
            return Img2ImgOptions(
                prompt=prompt,
                image=await self._client.given.input(person_of(interaction), "image", image),
                strength=strength,
                negative=negative,
                model=model,
                count=count,
                seed=seed,
            )

        await begin(interaction, prepare, advanced=advanced)
