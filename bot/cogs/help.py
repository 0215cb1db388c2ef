"""`/help`: what a person can do here, a topic at a time."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Self

import discord
from discord import app_commands
from discord.ext import commands

from actions.standing import Standing, standing_of
from bot.help_text import TOPICS, Topic, topic_text, topics_for
from bot.items import LastingSelect, Press
from bot.mentions import CommandMentions
from bot.people import person_of
from core.words import _

if TYPE_CHECKING:
    from bot.client import Atelier

_FIRST = "draw"


class HelpCog(commands.Cog):
    def __init__(self, client: Atelier) -> None:
        self._client = client
        client.add_dynamic_items(TopicMenu)

    @app_commands.command(name="help", description="What you can do here")
    async def help(self, interaction: discord.Interaction[Atelier]) -> None:
        standing = await asyncio.to_thread(standing_of, self._client.studio, person_of(interaction))
        embed, view = _page(_FIRST, standing, self._client.mentions)
        await interaction.response.send_message(embed=embed, view=view, ephemeral=True)


class TopicMenu(LastingSelect, template=r"help"):
    """Shows another topic in place of the one shown."""

    def __init__(self, topics: Mapping[str, Topic], chosen: str | None = None) -> None:
        options = [
            discord.SelectOption(label=_(topic.title), value=key, emoji=topic.emoji, default=key == chosen)
            for key, topic in topics.items()
        ]
        super().__init__(
            discord.ui.Select(custom_id="help", placeholder=_("Choose a topic"), options=options)
        )

    @classmethod
    def read(cls, match: re.Match[str]) -> Self:  # noqa: ARG003
        return cls({})

    async def pressed(self, interaction: Press) -> None:
        standing = await asyncio.to_thread(standing_of, interaction.client.studio, person_of(interaction))
        # What Discord sends may be forged.
        chosen = next((value for value in self.item.values if value in topics_for(standing)), _FIRST)
        embed, view = _page(chosen, standing, interaction.client.mentions)
        await interaction.response.edit_message(embed=embed, view=view)


def _page(key: str, standing: Standing, mentions: CommandMentions) -> tuple[discord.Embed, discord.ui.View]:
    topic = TOPICS[key]
    text = mentions.put_into(topic_text(topic, standing))
    embed = discord.Embed(title=f"{topic.emoji} {_(topic.title)}", description=text)
    view = discord.ui.View(timeout=None)
    view.add_item(TopicMenu(topics_for(standing), key))
    return embed, view
