"""`/inpaint`: draw a part of a picture anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.offers import begin, offer_models
from bot.people import person_of
from core.options.drawing import DrawOptions
from core.options.inpaint import InpaintOptions
from core.stages import MAX_MASK_WORDS, MAX_PROMPT_CHARACTERS

if TYPE_CHECKING:
    from bot.client import Atelier


class InpaintCog(commands.Cog):
    def __init__(self, client: Atelier) -> None:
        self._client = client

    @app_commands.command(
        name="inpaint", description="Draw a part of a picture anew; the rest stays as it is"
    )
    @app_commands.describe(
        prompt="What the picture shows then",
        image="The picture; left out: the one that you chose with Use as input",
        mask="White is drawn anew, black stays; left out: the see-through part of the picture",
        find="Instead of a mask: what to draw anew, in words, like: the hat",
        point="Instead of a mask: a point on it, in percent from the left and the top, like: 50 30",
        strength="How much the part changes: 0 not at all, 1 entirely",
        model="The model that draws",
        advanced="Choose steps, guidance, sampler and more before it starts",
    )
    @app_commands.autocomplete(model=offer_models)
    async def inpaint(
        self,
        interaction: discord.Interaction[Atelier],
        prompt: app_commands.Range[str, 1, MAX_PROMPT_CHARACTERS],
        image: discord.Attachment | None = None,
        mask: discord.Attachment | None = None,
        find: app_commands.Range[str, 1, MAX_MASK_WORDS] | None = None,
        point: app_commands.Range[str, 1, 40] | None = None,
        strength: app_commands.Range[float, 0, 1] | None = None,
        model: str | None = None,
        advanced: bool = False,
    ) -> None:
        async def prepare() -> DrawOptions:
            source, part = await self._client.given.masked(
                person_of(interaction), image, mask, needed=find is None and point is None
            )
            return InpaintOptions(
                prompt=prompt,
                image=source,
                mask=part,
                find=find,
                point=point,
                strength=strength,
                model=model,
            )

        await begin(interaction, prepare, advanced=advanced)
