"""Channels: shown, changed and deleted, and what they change for roles and members."""

from ..errors import DiscordError, missing_permissions, unknown
from ..permissions import Permission, in_channel
from ..state import Channel, Thread
from .call import NOTHING, Answer, Call, Route

OF_CHANNELS = {"name", "nsfw"}
BY_OWNER = {"name", "archived", "auto_archive_duration", "invitable"}  # of a thread
OF_THREADS = BY_OWNER | {"locked"}  # which is for moderators


def show(call: Call) -> Answer:
    """One channel."""
    return Answer(body=call.discord.payloads.channel(call.channel()))


def change(call: Call) -> Answer:
    """Change a channel's name or age restriction, or a thread's name and state."""
    channel = call.guild_channel()
    body = call.body or {}
    call.note_unserved("PATCH", CHANNEL, served=OF_THREADS if channel.thread else OF_CHANNELS)
    if channel.thread is not None:
        _check_thread_change(call, channel, channel.thread, set(body))
        call.discord.threads.change(channel, channel.thread, body)
    else:
        call.channel(Permission.MANAGE_CHANNELS)
        channel.name = body.get("name") or channel.name
        channel.nsfw = channel.nsfw if body.get("nsfw") is None else body["nsfw"]
        call.discord.announcer.channel("CHANNEL_UPDATE", channel)
    return Answer(body=call.discord.payloads.channel(channel))


def delete(call: Call) -> Answer:
    """Delete a channel, or a thread."""
    channel = call.guild_channel()
    call.channel(Permission.MANAGE_THREADS if channel.thread else Permission.MANAGE_CHANNELS)
    shown = call.discord.payloads.channel(channel)
    call.discord.remove_channel(channel)
    return Answer(body=shown)


def set_overwrite(call: Call) -> Answer:
    """Allow or deny something to a role or a member; the bot can give only what it has."""
    channel = call.guild_channel(Permission.MANAGE_ROLES)
    if channel.thread is not None:
        raise DiscordError(400, 50024, "Cannot execute action on this channel type")
    allow, deny = int(call.body.get("allow") or 0), int(call.body.get("deny") or 0)
    if (allow | deny) & ~in_channel(call.discord.world, channel, call.bot_id):
        raise missing_permissions()
    kind = int(call.body.get("type") or 0)
    call.discord.set_overwrite(channel, call.id("overwrite_id"), kind=kind, allow=allow, deny=deny)
    return NOTHING


def remove_overwrite(call: Call) -> Answer:
    """Change nothing any more for a role or a member."""
    channel = call.guild_channel(Permission.MANAGE_ROLES)
    if channel.overwrites.pop(call.id("overwrite_id"), None) is None:
        raise unknown("Overwrite")
    call.discord.announcer.channel("CHANNEL_UPDATE", channel)
    return NOTHING


def _check_thread_change(call: Call, channel: Channel, thread: Thread, changed: set[str]) -> None:
    """Members may take up a thread, its owner may change it, moderators may lock it."""
    if call.may(channel, Permission.MANAGE_THREADS):
        return
    unarchiving = changed == {"archived"} and call.body["archived"] is False and not thread.locked
    if unarchiving and call.bot_id in thread.members:
        return
    if thread.owner_id != call.bot_id or thread.locked or not changed <= BY_OWNER:
        raise missing_permissions()


CHANNEL = "/channels/{channel_id}"
ROUTES = (
    Route(method="GET", path=CHANNEL, handler=show),
    Route(method="PATCH", path=CHANNEL, handler=change),
    Route(method="DELETE", path=CHANNEL, handler=delete),
    Route(method="PUT", path=CHANNEL + "/permissions/{overwrite_id}", handler=set_overwrite),
    Route(method="DELETE", path=CHANNEL + "/permissions/{overwrite_id}", handler=remove_overwrite),
)
