"""Who stands behind an interaction or a reaction, in the words of `actions/`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import discord
from discord.ext import commands

from actions.person import Person


def person_of(interaction: discord.Interaction[Any]) -> Person:
    """The member, with the roles that Discord says they have right now."""
    person = _person(interaction, interaction.channel, interaction.user)
    return replace(person, is_owner=_owns(interaction.client, person.member_id))


def _owns(client: commands.Bot, member_id: int) -> bool:
    """Whether the settings name this person, or Discord says that the bot is theirs or their team's."""
    about = client.application
    if member_id in (client.owner_ids or ()):
        return True
    if about is None:
        return False
    if about.team is None:
        return about.owner.id == member_id
    may_answer = (discord.TeamMemberRole.admin, discord.TeamMemberRole.developer)
    team = {member.id for member in about.team.members if member.role in may_answer}
    return member_id in {about.team.owner_id, *team}


def other_person(interaction: discord.Interaction[Any], other: discord.Member | discord.User) -> Person:
    """A member whom an interaction names; one who left has no rights."""
    return _person(interaction, interaction.channel, other)


async def absent_person(interaction: discord.Interaction[Any], member_id: int) -> Person:
    """A member whom nobody named; one who left has no rights."""
    gone = Person(member_id=member_id, guild_id=interaction.guild_id, channel_id=interaction.channel_id or 0)
    if interaction.guild is None:
        return gone
    try:
        member = await interaction.guild.fetch_member(member_id)
    except discord.NotFound:
        return gone
    return _person(interaction, interaction.channel, member)


async def reacting_person(client: discord.Client, event: discord.RawReactionActionEvent) -> Person:
    """The member who reacted, with the roles that Discord says they have right now."""
    if event.guild_id is None:
        return Person(member_id=event.user_id, guild_id=None, channel_id=event.channel_id)
    guild = client.get_guild(event.guild_id) or await client.fetch_guild(event.guild_id)
    member = event.member or await guild.fetch_member(event.user_id)
    channel = guild.get_channel_or_thread(event.channel_id) or await guild.fetch_channel(event.channel_id)
    return _person(event, channel, member)


def is_age_restricted(channel: object) -> bool:
    """Whether Discord shows a channel, or a thread of it, to adults alone; False where nobody can tell."""
    told = getattr(channel, "is_nsfw", None)
    return told is not None and bool(told())


def _person(
    where: discord.Interaction[Any] | discord.RawReactionActionEvent,
    channel: object,
    user: discord.Member | discord.User,
) -> Person:
    """The member with the rights that their roles give them in the whole server.

    Rights over members and over pictures reach every channel, so what one channel allows them is not asked.
    """
    member = user if isinstance(user, discord.Member) else None
    may = discord.Permissions.none() if member is None else member.guild_permissions
    roles = [] if member is None else member.roles
    return Person(
        member_id=user.id,
        guild_id=where.guild_id,
        channel_id=where.channel_id or 0,
        parent_id=channel.parent_id if isinstance(channel, discord.Thread) else None,
        age_restricted=is_age_restricted(channel),
        is_moderator=may.manage_messages or may.moderate_members,
        is_admin=may.manage_guild,
        role_ids=frozenset(role.id for role in roles),
    )
