"""The question that an expensive command asks once, before anything is made or charged."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import discord

from actions.person import Asked, Person
from bot.making import Making, MakingView
from core.words import ngettext
from db.jobs import Job

if TYPE_CHECKING:
    from bot.client import Atelier


class Confirm(MakingView):
    """A button that makes the job for the price that it names; a job that has become dearer asks again."""

    def __init__(
        self,
        asked_by: discord.Interaction[Atelier],
        make: Making,
        price: int,
        *,
        private: bool,
    ) -> None:
        super().__init__(asked_by)
        self._make = make
        self._price = price
        self._private = private
        self.agree.label = ngettext("Make it for {number} credit", "Make it for {number} credits", price)

    @discord.ui.button(emoji="🎨", style=discord.ButtonStyle.primary)
    async def agree(self, interaction: discord.Interaction[Any], _button: discord.ui.Button[Any]) -> None:
        async def agreed(person: Person, asked: Asked) -> Job:
            return await self._make(person, replace(asked, agreed=self._price))

        await self.make_once(interaction, agreed, private=self._private)
