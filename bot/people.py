"""Who stands behind an interaction, in the words of `actions/`."""

from __future__ import annotations

from typing import Any

import discord

from actions.person import Person


def person_of(interaction: discord.Interaction[Any]) -> Person:
    """The member, with the rights that Discord says they have in this channel right now."""
    return _person(interaction, interaction.user, interaction.permissions)


def other_person(interaction: discord.Interaction[Any], other: discord.Member | discord.User) -> Person:
    """A member whom an interaction names, with their rights in this channel; one who left has none."""
    permissions = other.resolved_permissions if isinstance(other, discord.Member) else None
    return _person(interaction, other, permissions or discord.Permissions.none())


async def absent_person(interaction: discord.Interaction[Any], member_id: int) -> Person:
    """A member whom nobody named, with their rights in the whole server; one who left has none."""
    gone = Person(member_id=member_id, guild_id=interaction.guild_id, channel_id=interaction.channel_id or 0)
    if interaction.guild is None:
        return gone
    try:
        member = await interaction.guild.fetch_member(member_id)
    except discord.NotFound:
        return gone
    return _person(interaction, member, member.guild_permissions)


def _person(
    interaction: discord.Interaction[Any],
    user: discord.Member | discord.User,
    permissions: discord.Permissions,
) -> Person:
    channel = interaction.channel
    in_guild = interaction.guild_id is not None
    roles = user.roles if isinstance(user, discord.Member) else []
    return Person(
        member_id=user.id,
        guild_id=interaction.guild_id,
        channel_id=interaction.channel_id or 0,
        parent_id=channel.parent_id if isinstance(channel, discord.Thread) else None,
        is_moderator=in_guild and (permissions.manage_messages or permissions.moderate_members),
        is_admin=in_guild and permissions.manage_guild,
        role_ids=frozenset(role.id for role in roles),
    )
