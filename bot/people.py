"""Who stands behind an interaction, in the words of `actions/`."""

from __future__ import annotations

from typing import Any

import discord

from actions.person import Person


def person_of(interaction: discord.Interaction[Any]) -> Person:
    """The member, with the rights that Discord says they have in this channel right now."""
    return Person(
        member_id=interaction.user.id,
        guild_id=interaction.guild_id,
        channel_id=interaction.channel_id or 0,
        is_moderator=interaction.guild_id is not None and interaction.permissions.manage_messages,
    )
