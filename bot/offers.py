"""What several commands offer while a member types, and how they begin a picture."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

import discord
from discord import app_commands

from actions.catalogue import addons
from actions.draw import draw
from actions.person import Asked, Person
from actions.settings import fill_in, prefers_private
from actions.styles import styles
from bot.discord_limits import MOST_CHOICES
from bot.errors import say_privately
from bot.panels import open_panel
from bot.people import person_of
from core.addon_spec import AddonKind, AddonSpec
from core.model_spec import ModelSpec
from core.options.drawing import DrawOptions
from core.options.imagine import ImagineOptions
from core.styles import STYLES
from core.text import shorten
from core.words import N_, _
from db.jobs import Job
from db.workers import search_models

if TYPE_CHECKING:
    from bot.client import Atelier

#: Reads a command's options, pictures and all. Raises Refusal.
Prepare = Callable[[], Awaitable[DrawOptions]]

#: Offered for `size`; anything else that fits the model can be typed.
SHAPES = {
    "1:1": N_("square"),
    "3:2": N_("landscape"),
    "2:3": N_("portrait"),
    "4:3": N_("landscape"),
    "3:4": N_("portrait"),
    "16:9": N_("wide"),
    "9:16": N_("tall"),
}


async def offer_models(
    interaction: discord.Interaction[Atelier], typed: str
) -> list[app_commands.Choice[str]]:
    """The models whose name or title contains what is typed."""

    def search() -> list[app_commands.Choice[str]]:
        with interaction.client.studio.database.read() as session:
            known = search_models(session, typed, limit=1000, guild_id=interaction.guild_id)
        found = [spec for spec in known if spec.draws]
        return [
            app_commands.Choice(name=shorten(spec.title, 100), value=spec.name)
            for spec in found[:MOST_CHOICES]
        ]

    return await asyncio.to_thread(search)


async def offer_styles(
    interaction: discord.Interaction[Atelier], typed: str
) -> list[app_commands.Choice[str]]:
    """The styles whose name contains what is typed, in the person's language where they ship."""
    found = await asyncio.to_thread(styles, interaction.client.studio, person_of(interaction))
    shown = {name: _(name) if name in STYLES else name for name in found}
    wanted = typed.casefold()
    fitting = [name for name, told in shown.items() if wanted in told.casefold() or wanted in name.casefold()]
    return [app_commands.Choice(name=shown[name], value=name) for name in fitting[:MOST_CHOICES]]


async def make_drawing(client: Atelier, person: Person, asked: Asked, options: DrawOptions) -> Job:
    """The job of whoever asks."""
    # Given pictures are looked at, which waits for the storage; what has none goes on meanwhile.
    run = asyncio.to_thread if type(options) is ImagineOptions else client.beside
    return await run(draw, client.studio, person, asked, options)


async def begin(interaction: discord.Interaction[Atelier], prepare: Prepare, *, advanced: bool) -> None:
    """Draw what `prepare` reads from the options, at once or from a panel."""
    client, person = interaction.client, person_of(interaction)
    notes: list[str] = []

    async def filled() -> DrawOptions:
        """With the person's settings where the command left something out."""
        options, notes[:] = await asyncio.to_thread(fill_in, client.studio, person, await prepare())
        return options

    async def make(person: Person, asked: Asked) -> Job:
        return await make_drawing(client, person, asked, await filled())

    if advanced:
        # Pictures are fetched meanwhile, which may take longer than Discord waits for an answer.
        await interaction.response.defer(ephemeral=True, thinking=True)
        private = await asyncio.to_thread(prefers_private, client.studio, person)
        await open_panel(interaction, await filled(), partial(make_drawing, client), private=private)
    else:
        await client.answer_with_job(interaction, make)
    for note in notes:
        await say_privately(interaction, note)


async def offer_controls(
    interaction: discord.Interaction[Atelier], typed: str
) -> list[app_commands.Choice[str]]:
    """The ControlNets whose name or title contains what is typed."""
    return await _offer_addons(interaction, AddonKind.CONTROLNET, typed)


async def offer_upscalers(
    interaction: discord.Interaction[Atelier], typed: str
) -> list[app_commands.Choice[str]]:
    """The same of upscalers."""
    return await _offer_addons(interaction, AddonKind.UPSCALER, typed)


async def offer_restorers(
    interaction: discord.Interaction[Atelier], typed: str
) -> list[app_commands.Choice[str]]:
    """The same of face restorers."""
    return await _offer_addons(interaction, AddonKind.FACE_RESTORER, typed)


async def _offer_addons(
    interaction: discord.Interaction[Atelier], kind: AddonKind, typed: str
) -> list[app_commands.Choice[str]]:
    return offered(await asyncio.to_thread(addons, interaction.client.studio, kind), typed)


def offered(found: Iterable[AddonSpec | ModelSpec], typed: str) -> list[app_commands.Choice[str]]:
    """Those whose name or title contains what is typed."""
    wanted = typed.strip().casefold()
    return [
        app_commands.Choice(name=shorten(spec.title, 100), value=spec.name)
        for spec in found
        if wanted in f"{spec.name}\n{spec.title}".casefold()
    ][:MOST_CHOICES]


async def offer_sizes(
    _interaction: discord.Interaction[Atelier], typed: str
) -> list[app_commands.Choice[str]]:
    """The shapes whose numbers or name contain what is typed."""
    wanted = typed.strip().lower()
    return [
        app_commands.Choice(name=f"{shape} ({_(name)})", value=shape)
        for shape, name in SHAPES.items()
        if wanted in f"{shape} {name} {_(name).lower()}"
    ]


def split_size(size: str | None) -> tuple[str | None, str | None]:
    """What was typed for a size: (pixels, shape), of which one at most is given."""
    is_shape = size is not None and any(mark in size for mark in ":/")
    return (None, size) if is_shape else (size, None)
