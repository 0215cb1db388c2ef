"""Messages by the bot's own token."""

from ..clock import DISCORD_EPOCH_MS
from ..errors import DiscordError, invalid_form, missing_access
from ..permissions import Permission
from ..state import EPHEMERAL, Channel, Message
from ..threads import check_open
from .call import NOTHING, Answer, Call, Route

MOST_LISTED = 100
BULK_AGE_S = 14 * 24 * 3600
BY_PEOPLE = (0, 19, 20, 23)  # kinds of messages that somebody wrote; Discord itself wrote the others


def create(call: Call) -> Answer:
    """Post in a channel; in DMs only where the person takes them."""
    channel, world = call.channel(), call.discord.world
    if channel.recipient_id is not None and not world.users[channel.recipient_id].accepts_dms:
        raise DiscordError(403, 50007, "Cannot send messages to this user")
    _check_sending(call, channel)
    message = call.discord.chat.post(channel, world.bot.id, call.body or {}, call.files)
    return Answer(body=call.discord.payloads.message(message))


def listing(call: Call) -> Answer:
    """Messages of a channel, newest first, before, after or around one of them; none without its history."""
    limit = int(call.query.get("limit", 50))
    if not 1 <= limit <= MOST_LISTED:
        raise invalid_form("limit", f"Must be between 1 and {MOST_LISTED}.")
    channel = call.channel()
    found = channel.visible_to(call.bot_id) if call.may(channel, Permission.READ_MESSAGE_HISTORY) else []
    if "around" in call.query:
        middle = int(call.query["around"])
        nearest = sorted(found, key=lambda message: abs(message.id - middle))[:limit]
        found = sorted(nearest, key=lambda message: message.id)
    if "after" in call.query:
        found = [message for message in found if message.id > int(call.query["after"])][:limit]
    if "before" in call.query:
        found = [message for message in found if message.id < int(call.query["before"])]
    return Answer(body=[call.discord.payloads.message(message) for message in reversed(found[-limit:])])


def show(call: Call) -> Answer:
    """One message."""
    channel = call.channel()
    if not call.may(channel, Permission.READ_MESSAGE_HISTORY):
        raise missing_access()
    return Answer(body=call.discord.payloads.message(call.message(channel)))


def edit(call: Call) -> Answer:
    """Change one of the bot's own messages."""
    channel = call.channel()
    message = call.message(channel)
    if message.author_id != call.bot_id:
        raise DiscordError(403, 50005, "Cannot edit a message authored by another user")
    if message.kind not in BY_PEOPLE:
        raise DiscordError(403, 50021, "Cannot execute action on a system message")
    check_open(channel.thread, moderator=call.may(channel, Permission.MANAGE_THREADS))
    call.discord.chat.edit(channel, message, call.body or {}, call.files)
    return Answer(body=call.discord.payloads.message(message))


def delete(call: Call) -> Answer:
    """Remove a message: the bot's own, or anyone's where it may manage messages."""
    channel = call.channel()
    message = call.message(channel)
    if message.author_id != call.bot_id:
        channel = call.channel(Permission.MANAGE_MESSAGES)
    call.discord.chat.delete(channel, message)
    return NOTHING


def delete_many(call: Call) -> Answer:
    """Remove 2 to 100 messages of the last two weeks; those that are gone already count, but harm nothing."""
    channel = call.guild_channel(Permission.MANAGE_MESSAGES)
    ids = [int(message_id) for message_id in call.body["messages"]]
    if not 2 <= len(ids) <= MOST_LISTED:
        raise DiscordError(400, 50016, "Provided too few or too many messages to delete")
    oldest = int((call.discord.clock.now() - BULK_AGE_S) * 1000) - DISCORD_EPOCH_MS
    if any(message_id >> 22 < oldest for message_id in ids):
        raise DiscordError(400, 50034, "A message provided was too old to bulk delete")
    found: list[Message] = [channel.messages[i] for i in ids if i in channel.messages]
    call.discord.chat.delete_many(channel, [message for message in found if not message.flags & EPHEMERAL])
    return NOTHING


def typing(call: Call) -> Answer:
    """Show that the bot is typing; nobody here looks."""
    call.channel()
    return NOTHING


def _check_sending(call: Call, channel: Channel) -> None:
    """Refuse a message that the bot may not send here."""
    body = call.body or {}
    check_open(channel.thread, moderator=call.may(channel, Permission.MANAGE_THREADS), sending=True)
    call.channel(Permission.SEND_MESSAGES_IN_THREADS if channel.thread else Permission.SEND_MESSAGES)
    if body.get("embeds"):
        call.channel(Permission.EMBED_LINKS)
    if call.files:
        call.channel(Permission.ATTACH_FILES)
    if body.get("message_reference") and not call.may(channel, Permission.READ_MESSAGE_HISTORY):
        raise DiscordError(400, 160002, "You cannot reply without permission to read message history")


MESSAGES = "/channels/{channel_id}/messages"
MESSAGE = MESSAGES + "/{message_id}"
ROUTES = (
    Route(method="POST", path=MESSAGES, handler=create),
    Route(method="GET", path=MESSAGES, handler=listing),
    Route(method="POST", path=MESSAGES + "/bulk-delete", handler=delete_many),
    Route(method="GET", path=MESSAGE, handler=show),
    Route(method="PATCH", path=MESSAGE, handler=edit),
    Route(method="DELETE", path=MESSAGE, handler=delete),
    Route(method="POST", path="/channels/{channel_id}/typing", handler=typing),
)
