"""Buttons that work for years: their ids carry a verb and a job's id, and `actions/` checks every press.

A new button is one class here, listed in BUTTONS.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeAlias

import discord

from actions.cancel import cancel
from actions.delete import delete
from actions.info import info
from actions.new_seed import new_seed
from actions.remix import words_of
from actions.report import report
from actions.rerun import rerun
from bot.embeds import info_embed, originals_embed
from bot.errors import answer_error, say_privately
from bot.files import original_links
from bot.modals import RemixForm
from bot.people import person_of
from bot.text import cancelled_text
from core.errors import NotFound

if TYPE_CHECKING:
    from bot.client import Atelier

#: A press of a button.
Press: TypeAlias = "discord.Interaction[Atelier]"


REPORTED_TEXT = "Thank you. The moderators will look at it."

_NOTHING_TO_FOLLOW = (
    "There is no finished picture to repeat exactly, so this one is made with the same settings."
)


class JobButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"(?!)"):
    """A button about one job. Subclasses give its verb and looks, and say what a press does."""

    verb: ClassVar[str]
    emoji: ClassVar[str]
    label: ClassVar[str | None] = None
    style: ClassVar[discord.ButtonStyle] = discord.ButtonStyle.secondary

    def __init__(self, job_id: str, *, row: int | None = None) -> None:
        self.job_id = job_id
        custom_id = f"{self.verb}:{job_id}"
        super().__init__(
            discord.ui.Button(emoji=self.emoji, label=self.label, style=self.style, custom_id=custom_id),
            row=row,
        )

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction[Any],  # noqa: ARG003
        item: discord.ui.Item[Any],  # noqa: ARG003
        match: re.Match[str],
        /,
    ) -> Self:
        return cls(match["job"])

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        try:
            await self.pressed(interaction)
        except Exception as error:
            await answer_error(interaction, error)

    async def pressed(self, interaction: Press) -> None:
        """What a press does; errors raised here are answered."""
        raise NotImplementedError


def job_template(verb: str) -> str:
    """What the ids of a verb's buttons look like."""
    # Any id is let through, so that a forged one is answered as any other that does not exist.
    return rf"{verb}:(?P<job>.{{1,80}})"


class Rerun(JobButton, template=job_template("rerun")):
    """The same pictures again, byte for byte; where there are none, the same settings."""

    verb = "rerun"
    emoji = "🔁"

    async def pressed(self, interaction: Press) -> None:
        client = interaction.client
        person = person_of(interaction)
        job = await client.answer_with_job(
            interaction,
            lambda asked: asyncio.to_thread(rerun, client.studio, person, asked, self.job_id),
            private=_private(interaction),
        )
        if job.created and job.replay_of is None:
            await say_privately(interaction, _NOTHING_TO_FOLLOW)


class NewSeed(JobButton, template=job_template("seed")):
    """The same request from another seed."""

    verb = "seed"
    emoji = "🎲"

    async def pressed(self, interaction: Press) -> None:
        client = interaction.client
        person = person_of(interaction)
        await client.answer_with_job(
            interaction,
            lambda asked: asyncio.to_thread(new_seed, client.studio, person, asked, self.job_id),
            private=_private(interaction),
        )


class Remix(JobButton, template=job_template("remix")):
    """The same in other words, which a form asks for."""

    verb = "remix"
    emoji = "✏️"

    async def pressed(self, interaction: Press) -> None:
        words = await asyncio.to_thread(
            words_of, interaction.client.studio, person_of(interaction), self.job_id
        )
        form = RemixForm(self.job_id, *words, private=_private(interaction))
        await interaction.response.send_modal(form)


class Cancel(JobButton, template=job_template("cancel")):
    verb = "cancel"
    emoji = "✖️"
    label = "Cancel"

    async def pressed(self, interaction: Press) -> None:
        client = interaction.client
        state = await asyncio.to_thread(cancel, client.studio, person_of(interaction), self.job_id)
        client.wake()
        await interaction.response.send_message(cancelled_text(state), ephemeral=True)


class Delete(JobButton, template=job_template("delete")):
    """Erase the job, its pictures and its message."""

    verb = "delete"
    emoji = "🗑️"

    async def pressed(self, interaction: Press) -> None:
        client = interaction.client
        # First of all: a slow storage must not keep the answer.
        await interaction.response.defer()
        try:
            job = await client.beside(delete, client.studio, person_of(interaction), self.job_id)
        except NotFound:
            # An earlier press erased the job, and Discord kept the message.
            await _take_away(interaction)
            raise
        await _take_away(interaction)
        if interaction.message is None or interaction.message.id != job.placeholder_message_id:
            await client.placeholders.delete(job)


class Report(JobButton, template=job_template("report")):
    """Ask the moderators to look at the pictures."""

    verb = "report"
    emoji = "🚩"

    async def pressed(self, interaction: Press) -> None:
        await asyncio.to_thread(report, interaction.client.studio, person_of(interaction), self.job_id)
        await say_privately(interaction, REPORTED_TEXT)


class Info(JobButton, template=job_template("info")):
    """How the pictures were made."""

    verb = "info"
    emoji = "ℹ️"

    async def pressed(self, interaction: Press) -> None:
        told = await asyncio.to_thread(info, interaction.client.studio, person_of(interaction), self.job_id)
        await interaction.response.send_message(embed=info_embed(told), ephemeral=True)


class Originals(JobButton, template=job_template("original")):
    """Fresh links to the files, where the server's upload limit made the shown ones smaller."""

    verb = "original"
    emoji = "🔗"
    label = "Originals"

    async def pressed(self, interaction: Press) -> None:
        client = interaction.client
        told = await asyncio.to_thread(info, client.studio, person_of(interaction), self.job_id)
        links = await client.beside(original_links, client.studio.storage, told.images)
        await interaction.response.send_message(embed=originals_embed(links), ephemeral=True)


class ShowMe(JobButton, template=job_template("show")):
    """Private pictures that could not be sent to their member, shown to nobody else."""

    verb = "show"
    emoji = "👁️"
    label = "Show me"
    style = discord.ButtonStyle.primary

    async def pressed(self, interaction: Press) -> None:
        await interaction.client.show_job(interaction, self.job_id)


BUTTONS: tuple[type[JobButton], ...] = (
    Rerun,
    NewSeed,
    Remix,
    Cancel,
    Delete,
    Report,
    Info,
    Originals,
    ShowMe,
)


def row_of(job_id: str, *buttons: type[JobButton]) -> discord.ui.View:
    """A view with these buttons about one job."""
    view = discord.ui.View(timeout=None)
    for button in buttons:
        view.add_item(button(job_id))
    return view


async def _take_away(interaction: Press) -> None:
    """Delete the message that an acknowledged press was made on, if it is still there."""
    with contextlib.suppress(discord.NotFound):
        await interaction.delete_original_response()


def _private(interaction: Press) -> bool:
    """Whether the pressed button's message is seen by its member alone; what it makes stays so, too."""
    return interaction.message is not None and interaction.message.flags.ephemeral
