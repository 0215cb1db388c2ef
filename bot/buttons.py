"""Buttons about a job: their ids carry a verb and the job's id, and `actions/` checks every press.

A new one is one class here, listed in BUTTONS. Each says what it does for an `Ask`, so that the same is done
by a press, by a reaction with its emoji, and from a message's menu (`bot.verbs`).
"""

from __future__ import annotations

import asyncio
import re
from typing import Any, ClassVar, Self

import discord

from actions.cancel import cancel
from actions.delete import delete
from actions.favourite import favourite
from actions.info import info
from actions.new_seed import new_seed
from actions.remix import words_of
from actions.report import report
from actions.rerun import rerun
from bot.asks import Ask, Pressed
from bot.embeds import info_embed, originals_embed
from bot.files import original_links
from bot.items import LastingButton, Press
from bot.modals import RemixForm
from bot.text import cancelled_text
from core.errors import NotFound
from core.words import N_, _


class JobButton(LastingButton, template=r"(?!)"):
    """A button about one job. Subclasses give its verb and looks, and say what is done."""

    verb: ClassVar[str]
    emoji: ClassVar[str]
    text: ClassVar[str | None] = None
    style: ClassVar[discord.ButtonStyle] = discord.ButtonStyle.secondary
    #: A reaction with its emoji does the same.
    by_reaction: ClassVar[bool] = False

    def __init__(self, job_id: str, *, row: int | None = None) -> None:
        self.job_id = job_id
        label = None if self.text is None else _(self.text)
        button: discord.ui.Button[Any] = discord.ui.Button(
            emoji=self.emoji, label=label, style=self.style, custom_id=f"{self.verb}:{job_id}"
        )
        super().__init__(button, row=row)

    @classmethod
    def read(cls, match: re.Match[str]) -> Self:
        return cls(match["job"])

    async def pressed(self, interaction: Press) -> None:
        await self.act(Pressed(interaction))

    async def act(self, ask: Ask) -> None:
        """What is done for whoever asks; errors raised here are answered."""
        raise NotImplementedError

    async def undo(self, ask: Ask) -> None:
        """What taking the reaction back does: by default nothing, as pictures are not unmade."""


def job_template(verb: str) -> str:
    """What the ids of a verb's buttons look like."""
    # Any id is let through, so that a forged one is answered as any other that does not exist.
    return rf"{verb}:(?P<job>.{{1,80}})"


class Rerun(JobButton, template=job_template("rerun")):
    """The same pictures again, byte for byte; where there are none, the same settings."""

    verb = "rerun"
    emoji = "🔁"
    by_reaction = True

    async def act(self, ask: Ask) -> None:
        job = await ask.make(
            lambda person, asked: ask.client.beside(rerun, ask.client.studio, person, asked, self.job_id)
        )
        if job.created and job.replay_of is None:
            await ask.tell(
                _(
                    "There is no finished picture to repeat exactly, so this one is made with the same "
                    "settings."
                )
            )


class NewSeed(JobButton, template=job_template("seed")):
    """The same request from another seed."""

    verb = "seed"
    emoji = "🎲"
    by_reaction = True

    async def act(self, ask: Ask) -> None:
        await ask.make(
            lambda person, asked: ask.client.beside(new_seed, ask.client.studio, person, asked, self.job_id)
        )


class Remix(JobButton, template=job_template("remix")):
    """The same in other words, which a form asks for."""

    verb = "remix"
    emoji = "✏️"
    by_reaction = True

    async def act(self, ask: Ask) -> None:
        words = await asyncio.to_thread(words_of, ask.client.studio, ask.person, self.job_id)
        form = RemixForm(self.job_id, *words, private=ask.private)
        await ask.fill(form, _("Press ✏️ to change the words."), row_of(self.job_id, Remix))


class Cancel(JobButton, template=job_template("cancel")):
    verb = "cancel"
    emoji = "✖️"
    text = N_("Cancel")

    async def act(self, ask: Ask) -> None:
        state = await asyncio.to_thread(cancel, ask.client.studio, ask.person, self.job_id)
        ask.client.wake()
        await ask.tell(cancelled_text(state))


class Delete(JobButton, template=job_template("delete")):
    """Erase the job, its pictures and its message."""

    verb = "delete"
    emoji = "🗑️"
    by_reaction = True

    async def act(self, ask: Ask) -> None:
        # First of all: a slow storage must not keep the answer.
        await ask.wait(unseen=True)
        try:
            await ask.client.beside(delete, ask.client.studio, ask.person, self.job_id)
        except NotFound:
            # An earlier press erased the job, and Discord kept the message.
            await ask.take_away()
            raise
        ask.client.wake()
        await ask.take_away()


class Report(JobButton, template=job_template("report")):
    """Ask the moderators to look at the pictures."""

    verb = "report"
    emoji = "🚩"
    by_reaction = True

    async def act(self, ask: Ask) -> None:
        await asyncio.to_thread(report, ask.client.studio, ask.person, self.job_id)
        await ask.tell(_("Thank you. The moderators will look at it."))


class Favourite(JobButton, template=job_template("favourite")):
    """Among one's favourites, which `/history` lists, or, pressed once more, no longer."""

    verb = "favourite"
    emoji = "⭐"
    by_reaction = True

    async def pressed(self, interaction: Press) -> None:
        ask = Pressed(interaction)
        is_one = await self._set(ask, None)
        await ask.tell(_("Among your favourites now.") if is_one else _("No longer among your favourites."))

    async def act(self, ask: Ask) -> None:
        await self._set(ask, True)

    async def undo(self, ask: Ask) -> None:
        await self._set(ask, False)

    async def _set(self, ask: Ask, wanted: bool | None) -> bool:
        return await asyncio.to_thread(favourite, ask.client.studio, ask.person, self.job_id, wanted=wanted)


class ToMyMessages(JobButton, template=job_template("mine")):
    """The pictures once more, in the direct messages of whoever asks."""

    verb = "mine"
    emoji = "✉️"
    by_reaction = True

    async def act(self, ask: Ask) -> None:
        await ask.wait()
        await ask.client.send_copy(ask.person, self.job_id)
        await ask.confirm(_("Sent to your direct messages."))


class Info(JobButton, template=job_template("info")):
    """How the pictures were made."""

    verb = "info"
    emoji = "ℹ️"

    async def act(self, ask: Ask) -> None:
        told = await asyncio.to_thread(info, ask.client.studio, ask.person, self.job_id)
        await ask.tell(embed=info_embed(told))


class Originals(JobButton, template=job_template("original")):
    """Fresh links to the files, where the server's upload limit made the shown ones smaller."""

    verb = "original"
    emoji = "🔗"
    text = N_("Originals")

    async def act(self, ask: Ask) -> None:
        told = await asyncio.to_thread(info, ask.client.studio, ask.person, self.job_id)
        links = await ask.client.beside(original_links, ask.client.studio.storage, told.images)
        await ask.tell(embed=originals_embed(links))


class ShowMe(JobButton, template=job_template("show")):
    """Private pictures that could not be sent to their member, shown to nobody else."""

    verb = "show"
    emoji = "👁️"
    text = N_("Show me")
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
    Favourite,
    ToMyMessages,
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
