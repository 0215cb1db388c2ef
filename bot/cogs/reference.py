"""`/reference`: make a picture like others."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from actions.addons import choose_addon
from actions.control import guide
from actions.settings import preferred_model
from bot.offers import begin, offer_controls
from bot.people import person_of
from core.addon_spec import AddonKind
from core.options.drawing import DrawOptions
from core.options.reference import ReferenceOptions
from core.stages import MAX_PROMPT_CHARACTERS

if TYPE_CHECKING:
    from bot.client import Atelier


class ReferenceCog(commands.Cog):
    def __init__(self, client: Atelier) -> None:
        self._client = client

    @app_commands.command(name="reference", description="Make a picture like others, with words or without")
    @app_commands.describe(
        prompt="What the picture shows; may be left out",
        image="A picture to take after; left out: the one that you chose with Use as input",
        image2="Another; they are blended",
        image3="And another",
        likeness="How strongly the pictures count beside the words: 0 not at all, up to 2",
        control="What to follow in control_image, like its edges or poses",
        control_image="A picture whose edges, depth or poses are followed",
        advanced="Choose steps, guidance and more before it starts",
    )
    @app_commands.autocomplete(control=offer_controls)
    async def reference(
        self,
        interaction: discord.Interaction[Atelier],
        prompt: app_commands.Range[str, 1, MAX_PROMPT_CHARACTERS] = "",
        image: discord.Attachment | None = None,
        image2: discord.Attachment | None = None,
        image3: discord.Attachment | None = None,
        likeness: app_commands.Range[float, 0, 2] | None = None,
        control: str | None = None,
        control_image: discord.Attachment | None = None,
        advanced: bool = False,
    ) -> None:
        given, person, studio = self._client.given, person_of(interaction), self._client.studio

        async def prepare() -> DrawOptions:
            model = await asyncio.to_thread(preferred_model, studio, person, AddonKind.IP_ADAPTER)
            adapter = await asyncio.to_thread(choose_addon, studio, AddonKind.IP_ADAPTER, None, model=model)
            images = [await given.input(person, "image", image)]
            for more in (image2, image3):
                if more is not None:
                    images.append(await given.input(person, "image", more))
            guides = []
            if control is not None or control_image is not None:
                followed = await given.input(person, "control image", control_image)
                guides.append(
                    await asyncio.to_thread(guide, studio, control, followed, preprocessor=None, model=model)
                )
            return ReferenceOptions(
                prompt=prompt,
                model=model,
                adapter=adapter.name,
                images=tuple(images),
                likeness=likeness,
                guides=tuple(guides),
            )

        await begin(interaction, prepare, advanced=advanced)
