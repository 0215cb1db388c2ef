"""How large a file may be in each server: Discord says it with every interaction."""

from __future__ import annotations

from typing import Any

import discord

from bot.files import DEFAULT_LIMIT


class UploadLimits:
    """What was learnt since the start; until then a server's boosts tell."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client
        self._learnt: dict[int | None, int] = {}

    def learn(self, interaction: discord.Interaction[Any]) -> None:
        self._learnt[interaction.guild_id] = interaction.filesize_limit

    def of(self, guild_id: int | None) -> int:
        """Bytes a file; None for direct messages."""
        if guild_id in self._learnt:
            return self._learnt[guild_id]
        guild = self._client.get_guild(guild_id) if guild_id is not None else None
        return guild.filesize_limit if guild is not None else DEFAULT_LIMIT
