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
from core.stages import MAX_PROMPT_CHARACTERS, MAX_SEED

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
        strength="How much the part changes: 0 not at all, 1 entirely",
        negative="What to leave out",
        model="The model that draws",
        seed="The same seed gives the same picture; left out, it is random",
        advanced="Choose steps, guidance, sampler and more before it starts",
    )
    @app_commands.autocomplete(model=offer_models)
    async def inpaint(
        self,
        interaction: discord.Interaction[Atelier],
        prompt: app_commands.Range[str, 1, MAX_PROMPT_CHARACTERS],
        image: discord.Attachment | None = None,
        mask: discord.Attachment | None = None,
        strength: app_commands.Range[float, 0, 1] | None = None,
        negative: str | None = None,
        model: str | None = None,
        seed: app_commands.Range[int, 0, MAX_SEED] | None = None,
        advanced: bool = False,
    ) -> None:
        async def prepare() -> DrawOptions:
            source, part = await self._client.given.masked(person_of(interaction), image, mask)
            return InpaintOptions(
                prompt=prompt,
                image=source,
                mask=part,
                strength=strength,
                negative=negative,
                model=model,
                seed=seed,
            )

        await begin(interaction, prepare, advanced=advanced)
