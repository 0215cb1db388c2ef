"""Buttons that publish, vote, and make new pictures of published ones."""

from __future__ import annotations

import asyncio
import re
from typing import Any, Self

import discord

from actions.favourite import favourite
from actions.gallery import published_picture
from actions.info import info
from actions.publish import Sure, WhichOne, publish, unpublish
from actions.remix import words_of
from bot.asks import Ask, Pressed
from bot.buttons import JobButton, job_template
from bot.discord_limits import MOST_BUTTONS
from bot.gallery_text import published_text
from bot.items import LastingButton, LastingItem, Press
from bot.modals import RemixForm
from bot.people import person_of
from bot.picture_buttons import PictureButton, picture_template
from core.words import N_, _
from db.gallery import Entry


class Publish(JobButton, template=job_template("publish")):
    """A picture of one's own is shown in the server's gallery; of several, one is chosen."""

    verb = "publish"
    emoji = "🖼️"
    by_reaction = True

    async def act(self, ask: Ask) -> None:
        await ask.wait()
        await publish_asking(ask, self.job_id, None)

    async def undo(self, ask: Ask) -> None:
        told = await asyncio.to_thread(info, ask.client.studio, ask.person, self.job_id)
        # A moderator who takes their reaction back does not moderate.
        if told.job.member_id == ask.person.member_id:
            await asyncio.to_thread(unpublish, ask.client.studio, ask.person, self.job_id)


class PublishOne(PictureButton, template=picture_template("publishone")):
    """One of several."""

    verb = "publishone"
    emoji = "🖼️"

    async def act(self, ask: Ask) -> None:
        await ask.wait()
        await publish_asking(ask, self.job_id, self.index)


class PublishSurely(JobButton, template=job_template("publishsurely")):
    """A private picture, whose member was asked once more."""

    verb = "publishsurely"
    emoji = "🖼️"
    text = N_("Publish it")

    async def act(self, ask: Ask) -> None:
        await ask.wait()
        published = await ask.client.beside(publish, ask.client.studio, ask.person, self.job_id, sure=True)
        await ask.tell(published_text(published))


class RemixOne(PictureButton, template=picture_template("remake")):
    """One picture in other words, which a form asks for; what comes of it names whose picture it was."""

    verb = "remake"
    emoji = "✏️"

    async def act(self, ask: Ask) -> None:
        words = await asyncio.to_thread(words_of, ask.client.studio, ask.person, self.job_id, self.index)
        form = RemixForm(self.job_id, *words, index=self.index, private=False)
        view = discord.ui.View(timeout=None)
        view.add_item(RemixOne(self.job_id, self.index))
        await ask.fill(form, _("Press ✏️ to change the words."), view)


class Vote(LastingButton, template=r"vote:(?P<entry>\d{1,18}):(?P<job>.{1,70})"):
    """⭐ with the votes so far: the picture becomes one's favourite or, pressed once more, no longer."""

    def __init__(self, entry_id: int, job_id: str, votes: int = 0) -> None:
        self.entry_id = entry_id
        self.job_id = job_id
        button: discord.ui.Button[Any] = discord.ui.Button(
            emoji="⭐", label=str(votes), custom_id=f"vote:{entry_id}:{job_id}"
        )
        super().__init__(button)

    @classmethod
    def of(cls, entry: Entry) -> Self:
        return cls(entry.id, entry.job_id, entry.votes)

    @classmethod
    def read(cls, match: re.Match[str]) -> Self:
        return cls(int(match["entry"]), match["job"])

    async def pressed(self, interaction: Press) -> None:
        studio, person = interaction.client.studio, person_of(interaction)
        # The id may be forged: what counts is the picture that is in the gallery.
        shown = await asyncio.to_thread(published_picture, studio, person, self.entry_id)
        is_one = await asyncio.to_thread(favourite, studio, person, shown.job.id)
        if not is_one:
            text = _("No longer among your favourites; your vote is taken back.")
        elif shown.entry.member_id == person.member_id:
            text = _("Among your favourites now. Votes for oneself do not count.")
        else:
            text = _("Among your favourites now. It is a vote if your account is old enough for this server.")
        await Pressed(interaction).tell(text)


async def publish_asking(ask: Ask, job_id: str, index: int | None) -> None:
    """Publish, and ask what has to be asked first."""
    try:
        published = await ask.client.beside(publish, ask.client.studio, ask.person, job_id, index)
    except WhichOne as which:
        view = discord.ui.View(timeout=None)
        for made in which.made[:MOST_BUTTONS]:
            label = _("Picture {number}", number=made + 1)
            view.add_item(PublishOne(which.job_id, made, label=label))
        await ask.offer(str(which), view)
    except Sure as sure:
        view = discord.ui.View(timeout=None)
        view.add_item(PublishSurely(job_id))
        await ask.offer(str(sure), view)
    else:
        await ask.confirm(published_text(published))


#: About a job or one of its pictures; each id has the job's in it.
GALLERY_ITEMS: tuple[type[LastingItem[Any]], ...] = (PublishOne, PublishSurely, RemixOne, Vote)
