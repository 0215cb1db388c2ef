"""`/history`: one's own pictures, page by page."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any, Self

import discord
from discord import app_commands
from discord.ext import commands

from actions.history import HistoryPage, history
from bot.embeds import history_embed
from bot.errors import answer_error
from bot.people import person_of

if TYPE_CHECKING:
    from bot.client import Atelier


class HistoryCog(commands.Cog):
    def __init__(self, client: Atelier) -> None:
        self._client = client
        client.add_dynamic_items(TurnPage)

    @app_commands.command(name="history", description="Your pictures, the newest first")
    async def history(self, interaction: discord.Interaction[Atelier]) -> None:
        page = await asyncio.to_thread(history, self._client.studio, person_of(interaction))
        await interaction.response.send_message(
            embed=history_embed(page), view=_view(page, is_first=True), ephemeral=True
        )


class TurnPage(
    discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"history:(?P<before>newest|\d{1,12}\.\d{1,9})"
):
    """Shows the page of jobs made before a time, in place of the one shown."""

    def __init__(self, before: float | None) -> None:
        self.before = before
        label = "Newest" if before is None else "Older"
        custom_id = "history:newest" if before is None else f"history:{before:.9f}"
        super().__init__(discord.ui.Button(label=label, custom_id=custom_id))

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction[Any],  # noqa: ARG003
        item: discord.ui.Item[Any],  # noqa: ARG003
        match: re.Match[str],
        /,
    ) -> Self:
        before = match["before"]
        return cls(None if before == "newest" else float(before))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        try:
            page = await asyncio.to_thread(
                history, interaction.client.studio, person_of(interaction), before=self.before
            )
            await interaction.response.edit_message(
                embed=history_embed(page), view=_view(page, is_first=self.before is None)
            )
        except Exception as error:
            await answer_error(interaction, error)


def _view(page: HistoryPage, *, is_first: bool) -> discord.ui.View:
    view = discord.ui.View(timeout=None)
    if not is_first:
        view.add_item(TurnPage(None))
    if page.older is not None:
        view.add_item(TurnPage(page.older))
    return view
