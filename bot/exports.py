"""Hands over what a member takes along: as a file, or as the place where a large one lies for a day."""

from __future__ import annotations

import io
from typing import Any

import discord

from actions.export import Exported
from core.words import _

_MIB = 2**20


async def send_export(
    interaction: discord.Interaction[Any], made: Exported, name: str, text: str = ""
) -> None:
    """Answer a deferred interaction, for its member alone, with the file under this name or where it lies."""
    if made.data is None:
        await interaction.followup.send(_where(made), ephemeral=True)
        return
    await interaction.followup.send(text, file=discord.File(io.BytesIO(made.data), name), ephemeral=True)


def _where(made: Exported) -> str:
    size = f"{made.size / _MIB:.1f}"
    if made.url is None:
        return _(
            "Your archive of {size} MiB is too large for a message. It lies on the owner's disk as `{key}` "
            "for a day; ask the owner for it.",
            size=size,
            key=made.key,
        )
    return _("[Your archive]({url}) of {size} MiB; the link works for a day.", url=made.url, size=size)
