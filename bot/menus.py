"""The menu of a message, Discord's five: *Image info*, *Use as input*, *Upscale*, *Rerun*, *Report*."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands

from actions.info import info
from actions.person import Asked
from actions.report import report
from actions.rerun import rerun
from actions.upscale import upscale
from actions.use_as_input import use_as_input, use_result
from bot.buttons import REPORTED_TEXT
from bot.embeds import info_embed, parameters_embed
from bot.errors import say_privately
from bot.given import picture_of
from bot.people import person_of
from bot.picture_buttons import HELD_TEXT, PictureButton, Upscale, UseAsInput
from core.errors import Refusal
from core.inputs import keep_input
from core.jobs import ImageKind
from core.png import read_parameters
from db.jobs import Job

if TYPE_CHECKING:
    from bot.client import Atelier

    Used = discord.Interaction[Atelier]

_ABOUT_A_JOB = re.compile(r"(?:info|rerun):(.{1,80})")


def add_menus(client: Atelier) -> None:
    for name, callback in {
        "Image info": image_info,
        "Use as input": use_message_as_input,
        "Upscale": upscale_message,
        "Rerun": rerun_message,
        "Report": report_message,
    }.items():
        client.tree.add_command(app_commands.ContextMenu(name=name, callback=callback))


async def image_info(interaction: discord.Interaction[Any], message: discord.Message) -> None:
    """How the message's picture was made: by the studio's own record, or as its file says."""
    client = interaction.client
    job_id = job_of(message, client)
    if job_id is not None:
        told = await asyncio.to_thread(info, client.studio, person_of(interaction), job_id)
        await interaction.response.send_message(embed=info_embed(told), ephemeral=True)
        return
    await interaction.response.defer(ephemeral=True, thinking=True)
    name, data = await client.given.fetch_of(message)
    text = await client.beside(read_parameters, data)
    await interaction.followup.send(embed=parameters_embed(name, text), ephemeral=True)


async def use_message_as_input(interaction: discord.Interaction[Any], message: discord.Message) -> None:
    """Hold the message's picture for the member's next command; of several made here, one is chosen."""
    client, person = interaction.client, person_of(interaction)
    await interaction.response.defer(ephemeral=True, thinking=True)
    job_id = job_of(message, client)
    if job_id is None:
        name, url = picture_of(message)
        picture = await client.given.read("picture", name, url)
        await client.beside(use_as_input, client.studio, person, picture.image)
        await say_privately(interaction, HELD_TEXT)
        return
    told = await asyncio.to_thread(info, client.studio, person, job_id)
    made = [image.index for image in told.images if image.kind == ImageKind.RESULT]
    if len(made) == 1:
        await client.beside(use_result, client.studio, person, job_id, made[0])
        await say_privately(interaction, HELD_TEXT)
        return
    text, view = _which(UseAsInput, told.job.id, made)
    await interaction.followup.send(text, view=view, ephemeral=True)


async def upscale_message(interaction: discord.Interaction[Any], message: discord.Message) -> None:
    """The message's picture with twice its sides; of several made here, one is chosen."""
    client, person, private = interaction.client, person_of(interaction), message.flags.ephemeral
    job_id = job_of(message, client)
    if job_id is None:
        name, url = picture_of(message)

        async def make(asked: Asked) -> Job:
            picture = await client.given.read("picture", name, url)
            source = await client.beside(keep_input, client.studio.storage, picture.image)
            job: Job = await client.beside(upscale, client.studio, person, asked, source)
            return job

        await client.answer_with_job(interaction, make, private=private)
        return
    told = await asyncio.to_thread(info, client.studio, person, job_id)
    made = [image.index for image in told.images if image.kind == ImageKind.RESULT]
    if len(made) == 1:
        await Upscale(job_id, made[0]).pressed(interaction)
        return
    text, view = _which(Upscale, told.job.id, made)
    await interaction.response.send_message(text, view=view, ephemeral=True)


async def rerun_message(interaction: discord.Interaction[Any], message: discord.Message) -> None:
    """The message's pictures again, byte for byte."""
    client, person = interaction.client, person_of(interaction)
    job_id = job_of(message, client)
    if job_id is None:
        raise Refusal(
            "That was not made here. *Image info* says what its file holds; `/imagine` takes it from there."
        )
    await client.answer_with_job(
        interaction,
        lambda asked: asyncio.to_thread(rerun, client.studio, person, asked, job_id),
        private=message.flags.ephemeral,
    )


async def report_message(interaction: discord.Interaction[Any], message: discord.Message) -> None:
    """Ask the moderators to look at the message's pictures."""
    client = interaction.client
    job_id = job_of(message, client)
    if job_id is None:
        raise Refusal("That was not made here; its server's moderators can be told in Discord's own way.")
    await asyncio.to_thread(report, client.studio, person_of(interaction), job_id)
    await say_privately(interaction, REPORTED_TEXT)


def _which(button: type[PictureButton], job_id: str, made: Sequence[int]) -> tuple[str, discord.ui.View]:
    """Asks which of a job's pictures a button is to be pressed on; Discord shows up to 25."""
    view = discord.ui.View(timeout=None)
    for index in made[: 5 * 5]:
        view.add_item(button(job_id, index, label=f"Picture {index + 1}"))
    return ("Which one?" if made else "There is no picture."), view


def job_of(message: discord.Message, client: discord.Client) -> str | None:
    """Id of the job that a message of the bot's is about; None for other messages."""
    if client.user is None or message.author.id != client.user.id:
        return None
    buttons = (item for row in message.components for item in getattr(row, "children", []))
    found = (_ABOUT_A_JOB.fullmatch(getattr(button, "custom_id", None) or "") for button in buttons)
    return next((match[1] for match in found if match), None)
