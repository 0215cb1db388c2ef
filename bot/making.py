"""Controls that one person sees, of which one makes a job: once, however often it is pressed."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import aiohttp
import discord

from actions.person import Asked, Person
from bot.errors import answer_error
from db.jobs import Job

if TYPE_CHECKING:
    from bot.client import Atelier

#: Makes the job of whoever asks, as they are then, given how they ask: a price that is agreed to later is
#: agreed to with the rights that are left.
Making = Callable[[Person, Asked], Awaitable[Job]]

#: Seconds that they can be used: as long as Discord lets their message be edited.
LIFE_S = 14 * 60.0


class MakingView(discord.ui.View):
    """Errors are told to whoever pressed."""

    def __init__(self, opened_by: discord.Interaction[Atelier]) -> None:
        super().__init__(timeout=LIFE_S)
        #: The interaction that the controls answer.
        self.opened_by = opened_by
        #: The press that makes, or has made, the job.
        self._pressed: int | None = None

    async def on_error(
        self,
        interaction: discord.Interaction[Any],
        error: Exception,
        item: discord.ui.Item[Any],  # noqa: ARG002
        /,
    ) -> None:
        await answer_error(interaction, error)

    async def make_once(
        self,
        interaction: discord.Interaction[Any],
        make: Making,
        *,
        private: bool,
    ) -> None:
        """Answer a press with the job, and take the controls away. After a refusal they can be used again.

        Args:
            private: only the person sees the answer; else everybody, whatever their settings say.
        """
        # A second press meanwhile is a slip; the first one arriving twice is none, and makes one job.
        if self._pressed not in (None, interaction.id):
            await interaction.response.defer()
            return
        self._pressed = interaction.id
        try:
            await interaction.client.answer_with_job(interaction, make, private=private, public=not private)
        except Exception:
            self._pressed = None
            raise
        self.stop()
        # They have served; where Discord keeps them, they only stay in view.
        with contextlib.suppress(discord.HTTPException, aiohttp.ClientError):
            await self.opened_by.delete_original_response()
