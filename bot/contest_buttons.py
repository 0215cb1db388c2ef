"""Buttons under the announcement of a contest."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import Any, Self

import discord

from actions.contest import contest_view, enter_contest
from actions.gallery import Shown, published_of
from bot.discord_limits import MOST_CHOICES
from bot.gallery_text import standings_text
from bot.items import LastingButton, LastingSelect, Press
from bot.people import person_of
from core.errors import NotFound
from core.text import escape_markdown, shorten
from core.words import _
from db.contests import Contest


class Enter(LastingButton, template=r"enter:(?P<contest>\d{1,18})"):
    """Enter one of one's published pictures."""

    def __init__(self, contest_id: int) -> None:
        button: discord.ui.Button[Any] = discord.ui.Button(
            emoji="🏆", label=_("Enter"), custom_id=f"enter:{contest_id}"
        )
        super().__init__(button)
        self.contest_id = contest_id

    @classmethod
    def read(cls, match: re.Match[str]) -> Self:
        return cls(int(match["contest"]))

    async def pressed(self, interaction: Press) -> None:
        studio, person = interaction.client.studio, person_of(interaction)
        own = await asyncio.to_thread(published_of, studio, person, limit=MOST_CHOICES)
        if not own:
            raise NotFound(_("You have published no picture here yet. 🖼️ under one of yours does it."))
        view = discord.ui.View(timeout=None)
        view.add_item(EnterMenu.of(own))
        await interaction.response.send_message(_("Which one?"), view=view, ephemeral=True)


class EnterMenu(LastingSelect, template=r"enter-which"):
    """Which of one's published pictures is entered into the contest that is open."""

    def __init__(self, options: Sequence[discord.SelectOption] = ()) -> None:
        menu: discord.ui.Select[Any] = discord.ui.Select(
            custom_id="enter-which", placeholder=_("Choose a picture"), options=list(options)
        )
        super().__init__(menu)

    @classmethod
    def of(cls, own: Sequence[Shown]) -> Self:
        labels = {one.job.id: " ".join(one.job.request.typed_prompt.split()) or one.job.id for one in own}
        return cls(
            [discord.SelectOption(label=shorten(label, 100), value=job) for job, label in labels.items()]
        )

    @classmethod
    def read(cls, match: re.Match[str]) -> Self:  # noqa: ARG003 - the contest is the one that is open
        return cls()

    async def pressed(self, interaction: Press) -> None:
        studio, person = interaction.client.studio, person_of(interaction)
        chosen = next(iter(self.item.values), "")
        contest = await asyncio.to_thread(enter_contest, studio, person, chosen)
        await interaction.response.edit_message(content=entered_text(contest), view=None)


class Standings(LastingButton, template=r"(?:standings|results):(?P<contest>\d{1,18})"):
    """How a contest stands, or ended, to whoever asks."""

    def __init__(self, contest_id: int, *, final: bool = False) -> None:
        # Under the winners' message it has an id of its own, by which that message is found.
        verb = "results" if final else "standings"
        button: discord.ui.Button[Any] = discord.ui.Button(
            emoji="📊", label=_("Standings"), custom_id=f"{verb}:{contest_id}"
        )
        super().__init__(button)
        self.contest_id = contest_id

    @classmethod
    def read(cls, match: re.Match[str]) -> Self:
        return cls(int(match["contest"]))

    async def pressed(self, interaction: Press) -> None:
        studio, person = interaction.client.studio, person_of(interaction)
        view = await asyncio.to_thread(contest_view, studio, person, self.contest_id)
        await interaction.response.send_message(standings_text(view), ephemeral=True)


def entered_text(contest: Contest) -> str:
    return _(
        "Your picture is in the contest **{theme}**. Another one that you enter takes its place.",
        theme=escape_markdown(contest.theme),
    )
