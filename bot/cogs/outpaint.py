"""`/outpaint`: go on with a picture beyond its edges."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from actions.extend import extend
from bot.offers import begin, offer_models
from bot.people import person_of
from core.canvas import Extension
from core.options.drawing import DrawOptions
from core.stages import MAX_PROMPT_CHARACTERS

if TYPE_CHECKING:
    from bot.client import Atelier

#: More than any model draws.
_MOST = 2048


class OutpaintCog(commands.Cog):
    def __init__(self, client: Atelier) -> None:
        self._client = client

    @app_commands.command(name="outpaint", description="Go on with a picture beyond its edges")
    @app_commands.describe(
        prompt="What the whole picture shows",
        image="The picture; left out: the one that you chose with Use as input",
        left="Pixels to add on the left",
        right="Pixels to add on the right",
        up="Pixels to add above",
        down="Pixels to add below",
        model="The model that draws",
        advanced="Choose steps, guidance, sampler and more before it starts",
    )
    @app_commands.autocomplete(model=offer_models)
    async def outpaint(
        self,
        interaction: discord.Interaction[Atelier],
        prompt: app_commands.Range[str, 1, MAX_PROMPT_CHARACTERS],
        image: discord.Attachment | None = None,
        left: app_commands.Range[int, 0, _MOST] = 0,
        right: app_commands.Range[int, 0, _MOST] = 0,
        up: app_commands.Range[int, 0, _MOST] = 0,
        down: app_commands.Range[int, 0, _MOST] = 0,
        model: str | None = None,
        advanced: bool = False,
    ) -> None:
        studio, person = self._client.studio, person_of(interaction)
        by = Extension(left=left, right=right, up=up, down=down)

        async def prepare() -> DrawOptions:
            source = await self._client.given.input(person, "image", image)
            return await self._client.beside(extend, studio, source, by, prompt=prompt, model=model)

        await begin(interaction, prepare, advanced=advanced)
