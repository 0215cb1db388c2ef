"""The question that an expensive command asks once, before anything is made or charged."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import aiohttp
import discord

from actions.person import Asked
from bot.errors import answer_error
from core.words import ngettext
from db.jobs import Job

if TYPE_CHECKING:
    from bot.client import Atelier

#: Seconds that it can be answered: as long as Discord lets its message be edited.
_LIFE_S = 14 * 60.0


class Confirm(discord.ui.View):
    """A button that makes the job for the price that it names; a job that has become dearer asks again."""

    def __init__(
        self,
        asked_by: discord.Interaction[Atelier],
        make: Callable[[Asked], Awaitable[Job]],
        price: int,
        *,
        private: bool,
    ) -> None:
        super().__init__(timeout=_LIFE_S)
        self._asked_by = asked_by
        self._make = make
        self._price = price
        self._private = private
        #: The press that makes, or has made, the job.
        self._pressed: int | None = None
        self.agree.label = ngettext("Make it for {number} credit", "Make it for {number} credits", price)

    async def on_error(
        self,
        interaction: discord.Interaction[Any],
        error: Exception,
        item: discord.ui.Item[Any],  # noqa: ARG002
        /,
    ) -> None:
        await answer_error(interaction, error)

    @discord.ui.button(emoji="🎨", style=discord.ButtonStyle.primary)
    async def agree(self, interaction: discord.Interaction[Any], button: discord.ui.Button[Any]) -> None:
        # A second press meanwhile is a slip; the first one arriving twice is none, and makes one job.
        if self._pressed not in (None, interaction.id):
            await interaction.response.defer()
            return
        self._pressed = interaction.id
        try:
            await interaction.client.answer_with_job(
                interaction,
                lambda asked: self._make(replace(asked, agreed=self._price)),
                private=self._private,
            )
        except Exception:
            self._pressed = None
            raise
        self.stop()
        # The question has served; where Discord keeps it, it only stays in view.
        with contextlib.suppress(discord.HTTPException, aiohttp.ClientError):
            await self._asked_by.delete_original_response()
