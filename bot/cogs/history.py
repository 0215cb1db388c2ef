"""`/history`: one's own pictures and favourites, searched and turned page by page."""

from __future__ import annotations

import asyncio
import base64
import re
import struct
from typing import TYPE_CHECKING, Any, Self

import discord
from discord import app_commands
from discord.ext import commands

from actions.history import (
    MAX_SEARCH_CHARACTERS,
    MODEL_CHARACTERS,
    HistoryPage,
    Wanted,
    history,
    models_used,
)
from bot.discord_limits import MOST_CHOICES
from bot.embeds import history_embed
from bot.items import LastingButton, LastingSelect, Press
from bot.people import person_of
from core.text import shorten
from core.words import _
from db.history import Cursor

if TYPE_CHECKING:
    from bot.client import Atelier

#: Stands for the first page in a button's id.
_NEWEST = "newest"


class HistoryCog(commands.Cog):
    def __init__(self, client: Atelier) -> None:
        self._client = client
        client.add_dynamic_items(TurnPage, OpenJob)

    @app_commands.command(name="history", description="Your pictures, the newest first")
    @app_commands.describe(
        search="Words of the prompt",
        model="Drawn with this model",
        favourites="Those that you gave a star, others' among them",
    )
    async def history(
        self,
        interaction: discord.Interaction[Atelier],
        search: app_commands.Range[str, 1, MAX_SEARCH_CHARACTERS] = "",
        model: app_commands.Range[str, 1, 100] = "",
        favourites: bool = False,
    ) -> None:
        # As it stands in the buttons' ids, where a colon ends each part.
        wanted = Wanted(
            search=search.replace(":", " "), model=model[:MODEL_CHARACTERS], favourites=favourites
        )
        page = await asyncio.to_thread(history, self._client.studio, person_of(interaction), wanted)
        await interaction.response.send_message(
            embed=history_embed(page), view=_view(page, is_first=True), ephemeral=True
        )

    @history.autocomplete("model")
    async def model_choices(
        self, interaction: discord.Interaction[Atelier], typed: str
    ) -> list[app_commands.Choice[str]]:
        names = await asyncio.to_thread(models_used, self._client.studio, person_of(interaction))
        found = [name for name in names if typed.casefold() in name.casefold()]
        return [
            app_commands.Choice(name=shorten(name, 100), value=name[:100]) for name in found[:MOST_CHOICES]
        ]


class TurnPage(
    LastingButton,
    template=r"history:(?P<after>newest|[\w-]{11}[0-9A-Z]{10,16}):(?P<kind>[*-]):(?P<search>[^:]{0,30}):"
    r"(?P<model>.{0,36})",
):
    """Shows another page in place of the one shown; its id says where it begins and what is looked for."""

    def __init__(self, wanted: Wanted, after: Cursor | None) -> None:
        self.wanted = wanted
        self.after = after
        where = _NEWEST if after is None else _written(after)
        kind = "*" if wanted.favourites else "-"
        button: discord.ui.Button[Any] = discord.ui.Button(
            label=_("Newest") if after is None else _("Older"),
            custom_id=f"history:{where}:{kind}:{wanted.search}:{wanted.model}",
        )
        super().__init__(button)

    @classmethod
    def read(cls, match: re.Match[str]) -> Self:
        wanted = Wanted(search=match["search"], model=match["model"], favourites=match["kind"] == "*")
        return cls(wanted, None if match["after"] == _NEWEST else _read(match["after"]))

    async def pressed(self, interaction: Press) -> None:
        page = await asyncio.to_thread(
            history, interaction.client.studio, person_of(interaction), self.wanted, after=self.after
        )
        await interaction.response.edit_message(
            embed=history_embed(page), view=_view(page, is_first=self.after is None)
        )


class OpenJob(LastingSelect, template="history-open"):
    """Shows one of the page's jobs, as `/job` does."""

    def __init__(self, page: HistoryPage | None = None) -> None:
        jobs = page.jobs if page is not None else ()
        options = [
            discord.SelectOption(
                label=shorten(" ".join(job.request.typed_prompt.split()) or _("(no words)"), 100),
                value=job.id,
            )
            for job in jobs
        ]
        menu: discord.ui.Select[Any] = discord.ui.Select(
            custom_id="history-open", placeholder=_("Open one"), options=options
        )
        super().__init__(menu)

    @classmethod
    def read(cls, match: re.Match[str]) -> Self:  # noqa: ARG003
        return cls()

    async def pressed(self, interaction: Press) -> None:
        await interaction.client.show_job(interaction, self.item.values[0])


def _view(page: HistoryPage, *, is_first: bool) -> discord.ui.View:
    view = discord.ui.View(timeout=None)
    if page.jobs:
        view.add_item(OpenJob(page))
    if not is_first:
        view.add_item(TurnPage(page.wanted, None))
    if page.older is not None:
        view.add_item(TurnPage(page.wanted, page.older))
    return view


def _written(cursor: Cursor) -> str:
    """A cursor in as few characters as say it exactly."""
    return base64.urlsafe_b64encode(struct.pack(">d", cursor.at)).decode()[:11] + cursor.job_id


def _read(text: str) -> Cursor:
    (at,) = struct.unpack(">d", base64.urlsafe_b64decode(f"{text[:11]}="))
    return Cursor(at, text[11:])
