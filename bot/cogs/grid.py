"""`/grid`: the same picture with one or two things changed step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.offers import begin, offer_models, offer_sizes, split_size
from bot.people import person_of
from core.grid import AXES
from core.options.drawing import DrawOptions
from core.options.grid import GridOptions, PictureGridOptions, first_model
from core.stages import MAX_PROMPT_CHARACTERS, MAX_SEED

if TYPE_CHECKING:
    from bot.client import Atelier

#: What an axis may begin with, and what follows; offered while a member types.
_EXAMPLES = {
    "steps": "steps 10, 20, 30",
    "guidance": "guidance 2, 4, 8",
    "sampler": "sampler Euler, DDIM, DPM++ 2M",
    "schedule": "schedule normal, karras",
    "seed": "seed 1, 2, 3",
    "words": "words red, green, blue",
    "model": "model one, another",
    "style": "style none, photo, anime",
    "size": "size 1:1, 3:2, 2:3",
    "clip skip": "clip skip 1, 2",
    "lora": "lora ink 0.4, 0.8",
    "vae": "vae none, another",
    "hires": "hires none, 1.5, 2",
    "strength": "strength 0.3, 0.6, 0.9",
    "eta": "eta 0, 0.5, 1",
    "noise": "noise 0.8, 1, 1.2",
}


class GridCog(commands.Cog):
    def __init__(self, client: Atelier) -> None:
        self._client = client

    @app_commands.command(name="grid", description="Compare: one picture with one or two things changed")
    @app_commands.describe(
        prompt="What the pictures show",
        x="What changes across, like: steps 10, 20, 30",
        y="What changes down, like: guidance 2, 4, 8",
        negative="What to leave out",
        model="The model that draws",
        size="A shape like 16:9, or pixels like 512x768",
        seed="The seed of all of them; left out, it is random",
        image="A picture to begin from",
    )
    @app_commands.autocomplete(model=offer_models, size=offer_sizes)
    async def grid(
        self,
        interaction: discord.Interaction[Atelier],
        prompt: app_commands.Range[str, 1, MAX_PROMPT_CHARACTERS],
        x: app_commands.Range[str, 1, 400],
        y: app_commands.Range[str, 1, 400] | None = None,
        negative: str | None = None,
        model: str | None = None,
        size: str | None = None,
        seed: app_commands.Range[int, 0, MAX_SEED] | None = None,
        image: discord.Attachment | None = None,
    ) -> None:
        given, person = self._client.given, person_of(interaction)
        pixels, shape = split_size(size)

        async def prepare() -> DrawOptions:
            options: dict[str, Any] = {
                "prompt": prompt,
                "x": x,
                "y": y,
                "negative": negative,
                "model": model or first_model(x, y),
                "size": pixels,
                "aspect": shape,
                "seed": seed,
            }
            if image is None:
                return GridOptions(**options)
            return PictureGridOptions(**options, image=await given.input(person, "image", image))

        await begin(interaction, prepare, advanced=False)

    @grid.autocomplete("x")
    @grid.autocomplete("y")
    async def offer_axes(
        self, _interaction: discord.Interaction[Atelier], typed: str
    ) -> list[app_commands.Choice[str]]:
        """What is typed, where it is an axis already; else examples."""
        wanted = typed.strip().casefold()
        begun = any(wanted.startswith(f"{name} ") for name in AXES)
        shown = [typed] if begun else []
        shown += [example for name, example in _EXAMPLES.items() if name.startswith(wanted.partition(" ")[0])]
        return [app_commands.Choice(name=text[:100], value=text[:100]) for text in dict.fromkeys(shown)]
