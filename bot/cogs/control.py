"""`/control`: make a picture that follows the edges, depth or poses of another."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from actions.control import READY_MADE, guide
from actions.settings import preferred_model
from bot.offers import begin, offer_controls, offer_models
from bot.people import person_of
from core.addon_spec import PREPROCESSORS, AddonKind
from core.options.control import ControlOptions, Guide
from core.options.drawing import DrawOptions
from core.stages import MAX_PROMPT_CHARACTERS

if TYPE_CHECKING:
    from bot.client import Atelier

_HOW = [app_commands.Choice(name="It is a map already", value=READY_MADE)]
_HOW += [app_commands.Choice(name=title, value=name) for name, title in PREPROCESSORS.items()]


class ControlCog(commands.Cog):
    def __init__(self, client: Atelier) -> None:
        self._client = client

    @app_commands.command(
        name="control", description="Make a picture that follows another's edges, depth or poses"
    )
    @app_commands.describe(
        prompt="What the picture shows",
        image="The picture to follow; left out: the one that you chose with Use as input",
        control="What to follow; left out: the first there is",
        preprocessor="How its map is drawn from the picture; left out: as fits the control",
        image2="A second picture to follow",
        control2="What to follow in the second picture",
        model="The model that draws",
        advanced="Choose scales, steps, guidance and more before it starts",
    )
    @app_commands.choices(preprocessor=_HOW)
    @app_commands.autocomplete(control=offer_controls, control2=offer_controls, model=offer_models)
    async def control(
        self,
        interaction: discord.Interaction[Atelier],
        prompt: app_commands.Range[str, 1, MAX_PROMPT_CHARACTERS],
        image: discord.Attachment | None = None,
        control: str | None = None,
        preprocessor: str | None = None,
        image2: discord.Attachment | None = None,
        control2: str | None = None,
        model: str | None = None,
        advanced: bool = False,
    ) -> None:
        given, person = self._client.given, person_of(interaction)

        async def read(
            attachment: discord.Attachment | None, name: str | None, how: str | None, drawn_by: str | None
        ) -> Guide:
            picture = await given.input(person, "image", attachment)
            return await asyncio.to_thread(
                guide, self._client.studio, name, picture, preprocessor=how, model=drawn_by
            )

        async def prepare() -> DrawOptions:
            drawn_by = model or await asyncio.to_thread(
                preferred_model, self._client.studio, person, AddonKind.CONTROLNET
            )
            guides = [await read(image, control, preprocessor, drawn_by)]
            if image2 is not None or control2 is not None:
                guides.append(await read(image2, control2, None, drawn_by))
            return ControlOptions(prompt=prompt, model=drawn_by, guides=tuple(guides))

        await begin(interaction, prepare, advanced=advanced)
