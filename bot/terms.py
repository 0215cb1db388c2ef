"""A button by which the studio's owner accepts the terms of a licence."""

from __future__ import annotations

import asyncio
import re
from typing import Any, Self

import discord

from actions.licences import accept_terms
from bot.items import LastingItem, Press
from bot.people import person_of
from core.text import escape_markdown, shorten
from core.words import _


class AcceptTerms(LastingItem[discord.ui.Button[Any]], template=r"terms:(?P<licence>.{1,80})"):
    """Pressed by anybody else, it says who can."""

    def __init__(self, licence: str) -> None:
        self.licence = licence
        label = shorten(_("Accept {licence}", licence=licence), 80)
        super().__init__(discord.ui.Button(label=label, custom_id=f"terms:{licence}"[:100]))

    @classmethod
    def read(cls, match: re.Match[str]) -> Self:
        return cls(match["licence"])

    async def pressed(self, interaction: Press) -> None:
        studio, person = interaction.client.studio, person_of(interaction)
        titles = await asyncio.to_thread(accept_terms, studio, person, self.licence)
        told = _(
            "{licence} is accepted. Offered from now on: {titles}.",
            licence=escape_markdown(self.licence),
            titles=escape_markdown(", ".join(titles)),
        )
        await interaction.response.send_message(shorten(told, 2000), ephemeral=True)
