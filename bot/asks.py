"""How a person asks for something about a job: by a press, a message's menu, or a reaction.

What is asked for (`bot.buttons`) is written once, against `Ask`.
"""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

import discord

from actions.person import Person
from bot.errors import say_privately
from bot.items import Press
from bot.making import Making
from bot.people import person_of
from db.jobs import Job

if TYPE_CHECKING:
    from bot.client import Atelier


class Ask(ABC):
    """Somebody asks, and how they are answered. Methods raise what discord.py and aiohttp raise."""

    def __init__(self, client: Atelier, person: Person, *, message_id: int | None, private: bool) -> None:
        self.client = client
        self.person = person
        #: The message that it was asked on.
        self.message_id = message_id
        #: That message is seen by the person alone; what is made of it stays so, too.
        self.private = private

    @abstractmethod
    async def make(self, make: Making, *, like: str | None = None) -> Job:
        """Answer with a job's placeholder. Raises Refusal; then there is no job.

        Args:
            like: id of the job that says whether the person alone sees this one, in place of the message.
        """

    @abstractmethod
    async def tell(self, text: str = "", *, embed: discord.Embed | None = None) -> None:
        """Words for the person alone."""

    @abstractmethod
    async def confirm(self, text: str) -> None:
        """Say that it was done, where nothing else shows it."""

    @abstractmethod
    async def offer(self, text: str, view: discord.ui.View) -> None:
        """A question to the person, with buttons that have to be pressed in this channel."""

    @abstractmethod
    async def fill(self, form: discord.ui.Modal, offer: str, view: discord.ui.View) -> None:
        """Open a form; where none can be opened, offer the button that does."""

    @abstractmethod
    async def wait(self, *, unseen: bool = False) -> None:
        """It may take a while; unseen, where no words follow."""

    @abstractmethod
    async def take_away(self) -> None:
        """Delete the message that it was asked on, if it is there, once `wait` was called."""


class Pressed(Ask):
    """By an interaction: a press of a button, or a message's menu."""

    def __init__(self, interaction: Press, *, private: bool | None = None) -> None:
        message = interaction.message
        if private is None:
            private = message is not None and message.flags.ephemeral
        super().__init__(
            interaction.client,
            person_of(interaction),
            message_id=None if message is None else message.id,
            private=private,
        )
        self._interaction = interaction

    async def make(self, make: Making, *, like: str | None = None) -> Job:
        private = self.private and like is None
        return await self.client.answer_with_job(self._interaction, make, private=private, like=like)

    async def tell(self, text: str = "", *, embed: discord.Embed | None = None) -> None:
        await say_privately(self._interaction, text, embed=embed)

    async def confirm(self, text: str) -> None:
        await self.tell(text)

    async def offer(self, text: str, view: discord.ui.View) -> None:
        await say_privately(self._interaction, text, view=view)

    async def fill(self, form: discord.ui.Modal, offer: str, view: discord.ui.View) -> None:  # noqa: ARG002
        await self._interaction.response.send_modal(form)

    async def wait(self, *, unseen: bool = False) -> None:
        if unseen:
            await self._interaction.response.defer()
        else:
            await self._interaction.response.defer(ephemeral=True, thinking=True)

    async def take_away(self) -> None:
        with contextlib.suppress(discord.NotFound):
            await self._interaction.delete_original_response()
