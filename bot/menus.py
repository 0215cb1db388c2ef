"""The menu of a message: what is done with a job's pictures (`bot.verbs`), or with any other picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands

from actions.person import Asked, Person
from actions.upscale import upscale
from actions.use_as_input import use_as_input
from bot.asks import Pressed
from bot.embeds import parameters_embed
from bot.errors import say_privately
from bot.given import picture_of
from bot.people import person_of
from bot.picture_buttons import HELD_TEXT
from bot.verbs import MENU, job_id_in
from core.errors import Refusal
from core.inputs import keep_input
from core.options.upscale import UpscaleOptions
from core.png import read_parameters
from core.words import N_, _
from db.jobs import Job

if TYPE_CHECKING:
    from bot.client import Atelier

    Used = discord.Interaction[Atelier]


def add_menus(client: Atelier) -> None:
    for name in MENU:
        client.tree.add_command(app_commands.ContextMenu(name=name, callback=_command(name)))


def _command(name: str) -> app_commands.commands.ContextMenuCallback:
    async def used(interaction: discord.Interaction[Any], message: discord.Message) -> None:
        client = interaction.client
        ours = client.user is not None and message.author.id == client.user.id
        job_id = job_id_in(message) if ours else None
        if job_id is not None:
            await MENU[name](job_id).act(Pressed(interaction, private=message.flags.ephemeral))
        elif name in _NOT_MADE_HERE:
            raise Refusal(_(_NOT_MADE_HERE[name]))
        else:
            await _WITH_ANY_PICTURE[name](interaction, message)

    return used


async def _describe(interaction: Used, message: discord.Message) -> None:
    """How the message's picture was made, as its file says."""
    await interaction.response.defer(ephemeral=True, thinking=True)
    name, data = await interaction.client.given.fetch_of(message)
    text = await interaction.client.beside(read_parameters, data)
    await interaction.followup.send(embed=parameters_embed(name, text), ephemeral=True)


async def _hold(interaction: Used, message: discord.Message) -> None:
    """Hold the message's picture for the member's next command."""
    client = interaction.client
    await interaction.response.defer(ephemeral=True, thinking=True)
    name, url = picture_of(message)
    picture = await client.given.read("picture", name, url)
    await client.beside(use_as_input, client.studio, person_of(interaction), picture.image)
    await say_privately(interaction, _(HELD_TEXT))


async def _enlarge(interaction: Used, message: discord.Message) -> None:
    """The message's picture with twice its sides."""
    client = interaction.client
    name, url = picture_of(message)

    async def make(person: Person, asked: Asked) -> Job:
        picture = await client.given.read("picture", name, url)
        source = await client.beside(keep_input, client.studio.storage, picture.image)
        return await client.beside(upscale, client.studio, person, asked, source, UpscaleOptions())

    await client.answer_with_job(interaction, make, private=message.flags.ephemeral)


_WITH_ANY_PICTURE = {"Image info": _describe, "Use as input": _hold, "Upscale": _enlarge}

_NOT_MADE_HERE = {
    "Rerun": N_(
        "That was not made here. *Image info* says what its file holds; `/imagine` takes it from there."
    ),
    "Report": N_("That was not made here; its server's moderators can be told in Discord's own way."),
}
