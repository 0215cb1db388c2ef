"""What a member may do, in a server and in one of its channels.

The rules are those of Discord's *Permissions* page: roles add up, a channel's overwrites change them in three
steps, some permissions imply others, and threads take what holds in the channel above them.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .guilds import Guild, Member
    from .state import Channel, World


class Permission(IntEnum):
    """The bits that the local Discord looks at; no Flag, whose `&` would be what a busy server does most."""

    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    SEND_TTS_MESSAGES = 1 << 12
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_EXTERNAL_EMOJIS = 1 << 18
    MANAGE_ROLES = 1 << 28
    MANAGE_WEBHOOKS = 1 << 29
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    SEND_MESSAGES_IN_THREADS = 1 << 38
    PIN_MESSAGES = 1 << 51


P = Permission
ALL_PERMISSIONS = (1 << 53) - 1
IMPLIED_BY_SENDING = int(P.MENTION_EVERYONE | P.SEND_TTS_MESSAGES | P.ATTACH_FILES | P.EMBED_LINKS)
#: What both people of direct messages may do there.
IN_DIRECT_MESSAGES = int(
    P.ADD_REACTIONS | P.VIEW_CHANNEL | P.SEND_MESSAGES | P.EMBED_LINKS | P.ATTACH_FILES
    | P.READ_MESSAGE_HISTORY | P.MENTION_EVERYONE | P.USE_EXTERNAL_EMOJIS | P.USE_APPLICATION_COMMANDS
    | P.PIN_MESSAGES
)  # fmt: skip
#: `app_permissions` of an interaction in the bot's direct messages.
APP_IN_DIRECT_MESSAGES = int(
    P.ATTACH_FILES | P.EMBED_LINKS | P.MENTION_EVERYONE | P.USE_EXTERNAL_EMOJIS
)  # fmt: skip


def in_guild(guild: Guild, user_id: int) -> int:
    """A member's permissions before any channel changes them, as Discord's bit set."""
    if user_id == guild.owner_id:
        return ALL_PERMISSIONS
    bits = guild.roles[guild.id].permissions
    for role_id in guild.members[user_id].roles:
        bits |= guild.roles[role_id].permissions
    return ALL_PERMISSIONS if bits & P.ADMINISTRATOR else bits


def in_channel(world: World, channel: Channel, user_id: int) -> int:
    """A user's permissions in a channel, a thread or direct messages; 0 where they see nothing of it."""
    if channel.guild_id is None:
        return IN_DIRECT_MESSAGES if user_id in channel.people(world.bot.id) else 0
    guild = world.guilds[channel.guild_id]
    member = guild.members.get(user_id)
    if member is None:
        return 0
    bits = in_guild(guild, user_id)
    if bits == ALL_PERMISSIONS:
        return bits
    place = world.channels[channel.parent_id] if channel.thread and channel.parent_id else channel
    bits = _overwritten(bits, place, guild, member)
    if not bits & P.VIEW_CHANNEL or not _in_private_thread(bits, channel, user_id):
        return 0
    sending = P.SEND_MESSAGES_IN_THREADS if channel.thread else P.SEND_MESSAGES
    return bits if bits & sending else bits & ~IMPLIED_BY_SENDING


def sees(world: World, channel: Channel, user_id: int) -> bool:
    """Whether a channel is there for a user."""
    return bool(in_channel(world, channel, user_id) & P.VIEW_CHANNEL)


def _overwritten(bits: int, channel: Channel, guild: Guild, member: Member) -> int:
    """First @everyone's overwrite, then those of the member's roles together, then the member's own."""
    if not channel.overwrites:
        return bits
    steps = ([guild.id], member.roles, [member.user.id])
    for targets in steps:
        found = [channel.overwrites[target] for target in targets if target in channel.overwrites]
        for overwrite in found:
            bits &= ~overwrite.deny
        for overwrite in found:
            bits |= overwrite.allow
    return bits


def _in_private_thread(bits: int, channel: Channel, user_id: int) -> bool:
    if channel.thread is None or not channel.private:
        return True
    return user_id in channel.thread.members or bool(bits & P.MANAGE_THREADS)
