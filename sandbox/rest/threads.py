"""Threads: begun, listed, joined and left."""

from collections.abc import Callable

from ..errors import DiscordError, unknown
from ..permissions import Permission, sees
from ..state import PRIVATE_THREAD, TEXT_CHANNEL, Channel, Thread
from .call import NOTHING, Answer, Call, Route

PAGE = 50
NAMES = ("name", "auto_archive_duration", "invitable")


def begin_at(call: Call) -> Answer:
    """Begin a public thread at a message."""
    parent = _parent(call, Permission.CREATE_PUBLIC_THREADS)
    begun = call.discord.threads.begin_at(parent, call.message(parent), call.bot_id, **_settings(call))
    return Answer(status=201, body=call.discord.payloads.channel(begun))


def begin(call: Call) -> Answer:
    """Begin a thread without a message; a private one, unless the body says otherwise."""
    kind = int(call.body.get("type") or PRIVATE_THREAD)
    private = kind == PRIVATE_THREAD
    parent = _parent(call, Permission.CREATE_PRIVATE_THREADS if private else Permission.CREATE_PUBLIC_THREADS)
    begun = call.discord.threads.begin(parent, kind, call.bot_id, **_settings(call))
    return Answer(status=201, body=call.discord.payloads.channel(begun))


def join(call: Call) -> Answer:
    """Become a member."""
    call.discord.threads.join(*call.thread(), call.bot_id)
    return NOTHING


def leave(call: Call) -> Answer:
    """Stop being a member."""
    call.discord.threads.leave(*call.thread(), call.bot_id)
    return NOTHING


def add_member(call: Call) -> Answer:
    """Add somebody of the server."""
    channel, thread = call.thread(Permission.SEND_MESSAGES_IN_THREADS)
    if call.id("user_id") not in call.discord.world.guilds[channel.guild_id or 0].members:
        raise unknown("User")
    call.discord.threads.join(channel, thread, call.id("user_id"))
    return NOTHING


def remove_member(call: Call) -> Answer:
    """Remove somebody: for moderators, and for who began a private thread."""
    channel, thread = call.thread()
    if not (channel.private and thread.owner_id == call.bot_id):
        call.thread(Permission.MANAGE_THREADS)
    call.discord.threads.leave(channel, thread, call.id("user_id"))
    return NOTHING


def members(call: Call) -> Answer:
    """Who is in it."""
    channel, thread = call.thread()
    return Answer(body=[_member(call, channel, thread, user_id) for user_id in thread.members])


def show_member(call: Call) -> Answer:
    """One member of it."""
    channel, thread = call.thread()
    if call.id("user_id") not in thread.members:
        raise unknown("Member")
    return Answer(body=_member(call, channel, thread, call.id("user_id")))


def active(call: Call) -> Answer:
    """A server's threads that are not archived, as far as the bot sees them."""
    guild = call.guild()
    found = [thread for thread in _seen(call, guild.id) if thread.thread and not thread.thread.archived]
    return Answer(body=_listed(call, found))


def archived_public(call: Call) -> Answer:
    """A channel's archived public threads, the latest archived first."""
    return _archived(call, call.channel(Permission.READ_MESSAGE_HISTORY), lambda channel: not channel.private)


def archived_private(call: Call) -> Answer:
    """A channel's archived private threads, for moderators."""
    parent = call.channel(Permission.READ_MESSAGE_HISTORY, Permission.MANAGE_THREADS)
    return _archived(call, parent, lambda channel: channel.private)


def archived_joined(call: Call) -> Answer:
    """A channel's archived private threads that the bot is in."""
    parent = call.channel(Permission.READ_MESSAGE_HISTORY)

    def joined(channel: Channel) -> bool:
        return channel.private and channel.thread is not None and call.bot_id in channel.thread.members

    return _archived(call, parent, joined)


def _archived(call: Call, parent: Channel, wanted: Callable[[Channel], bool]) -> Answer:
    children = [thread for thread in _seen(call, parent.guild_id or 0) if thread.parent_id == parent.id]
    found = [c for c in children if c.thread and c.thread.archived and wanted(c)]
    found.sort(key=lambda channel: channel.thread.changed if channel.thread else "", reverse=True)
    return Answer(body=_listed(call, found))


def _listed(call: Call, found: list[Channel]) -> dict[str, object]:
    limit, payloads = int(call.query.get("limit", PAGE)), call.discord.payloads
    shown = [payloads.channel(channel) for channel in found[:limit]]
    mine = [payload["member"] for payload in shown if "member" in payload]
    return {"threads": shown, "members": mine, "has_more": len(found) > limit}


def _seen(call: Call, guild_id: int) -> list[Channel]:
    world = call.discord.world
    return [thread for thread in world.threads(guild_id) if sees(world, thread, call.bot_id)]


def _parent(call: Call, needed: Permission) -> Channel:
    channel = call.guild_channel(needed)
    if channel.kind != TEXT_CHANNEL:
        raise DiscordError(400, 50024, "Cannot execute action on this channel type")
    return channel


def _settings(call: Call) -> dict[str, object]:
    return {name: call.body[name] for name in NAMES if name in call.body}


def _member(call: Call, channel: Channel, thread: Thread, user_id: int) -> dict[str, object]:
    shown = call.discord.payloads.thread_member(channel, thread, user_id)
    guild = call.discord.world.guilds[channel.guild_id or 0]
    if call.flag("with_member") and user_id in guild.members:
        shown["member"] = call.discord.payloads.member(guild.members[user_id])
    return shown


CHANNEL = "/channels/{channel_id}"
MEMBERS = CHANNEL + "/thread-members"
ROUTES = (
    Route(method="POST", path=CHANNEL + "/messages/{message_id}/threads", handler=begin_at),
    Route(method="POST", path=CHANNEL + "/threads", handler=begin),
    Route(method="GET", path=CHANNEL + "/threads/archived/public", handler=archived_public),
    Route(method="GET", path=CHANNEL + "/threads/archived/private", handler=archived_private),
    Route(method="GET", path=CHANNEL + "/users/@me/threads/archived/private", handler=archived_joined),
    Route(method="GET", path="/guilds/{guild_id}/threads/active", handler=active),
    Route(method="GET", path=MEMBERS, handler=members),
    Route(method="PUT", path=MEMBERS + "/@me", handler=join),
    Route(method="DELETE", path=MEMBERS + "/@me", handler=leave),
    Route(method="GET", path=MEMBERS + "/{user_id}", handler=show_member),
    Route(method="PUT", path=MEMBERS + "/{user_id}", handler=add_member),
    Route(method="DELETE", path=MEMBERS + "/{user_id}", handler=remove_member),
)
