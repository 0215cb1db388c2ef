"""Messages by the bot's own token."""

from ..errors import DiscordError, invalid_form
from ..state import MANAGE_MESSAGES, Channel
from .call import NOTHING, Answer, Call, Route

MOST_LISTED = 100


def create(call: Call) -> Answer:
    """Post in a channel; in DMs only where the person takes them."""
    channel, world = call.channel(), call.discord.world
    if channel.recipient_id is not None and not world.users[channel.recipient_id].accepts_dms:
        raise DiscordError(403, 50007, "Cannot send messages to this user")
    message = call.discord.chat.post(channel, world.bot.id, call.body or {}, call.files)
    return Answer(body=call.discord.payloads.message(message))


def listing(call: Call) -> Answer:
    """Messages of a channel, newest first, before or after one of them."""
    limit = int(call.query.get("limit", 50))
    if not 1 <= limit <= MOST_LISTED:
        raise invalid_form("limit", f"Must be between 1 and {MOST_LISTED}.")
    found = call.channel().visible_to(call.discord.world.bot.id)
    if "after" in call.query:
        found = [message for message in found if message.id > int(call.query["after"])][:limit]
    if "before" in call.query:
        found = [message for message in found if message.id < int(call.query["before"])]
    return Answer(body=[call.discord.payloads.message(message) for message in reversed(found[-limit:])])


def show(call: Call) -> Answer:
    """One message."""
    return Answer(body=call.discord.payloads.message(call.message(call.channel())))


def edit(call: Call) -> Answer:
    """Change one of the bot's own messages."""
    channel = call.channel()
    message = call.message(channel)
    if message.author_id != call.discord.world.bot.id:
        raise DiscordError(403, 50005, "Cannot edit a message authored by another user")
    call.discord.chat.edit(channel, message, call.body or {}, call.files)
    return Answer(body=call.discord.payloads.message(message))


def delete(call: Call) -> Answer:
    """Remove a message: the bot's own, or anyone's where it may manage messages."""
    channel = call.channel()
    message = call.message(channel)
    if message.author_id != call.discord.world.bot.id:
        _need(call, channel, MANAGE_MESSAGES)
    call.discord.chat.delete(channel, message)
    return NOTHING


def typing(call: Call) -> Answer:
    """Show that the bot is typing; nobody here looks."""
    call.channel()
    return NOTHING


def react(call: Call) -> Answer:
    """Add the bot's reaction."""
    message = call.message(call.channel())
    call.discord.chat.react(message, call.discord.world.bot.id, call.path["emoji_name"])
    return NOTHING


def unreact(call: Call) -> Answer:
    """Take a reaction back: the bot's own, or someone's."""
    channel = call.channel()
    message = call.message(channel)
    if "user_id" in call.path:
        _need(call, channel, MANAGE_MESSAGES)
    user_id = call.id("user_id") if "user_id" in call.path else call.discord.world.bot.id
    call.discord.chat.unreact(message, user_id, call.path["emoji_name"])
    return NOTHING


def reactors(call: Call) -> Answer:
    """Who reacted with one emoji."""
    discord = call.discord
    users = call.message(call.channel()).reactions.get(call.path["emoji_name"], [])
    return Answer(body=[discord.payloads.user(discord.world.users[user_id]) for user_id in users])


def _need(call: Call, channel: Channel, permission: int) -> None:
    world = call.discord.world
    if channel.guild_id is None or not world.guilds[channel.guild_id].permissions(world.bot.id) & permission:
        raise DiscordError(403, 50013, "Missing Permissions")


MESSAGES = "/channels/{channel_id}/messages"
MESSAGE = MESSAGES + "/{message_id}"
REACTION = MESSAGE + "/reactions/{emoji_name}"
ROUTES = (
    Route(method="POST", path=MESSAGES, handler=create),
    Route(method="GET", path=MESSAGES, handler=listing),
    Route(method="GET", path=MESSAGE, handler=show),
    Route(method="PATCH", path=MESSAGE, handler=edit),
    Route(method="DELETE", path=MESSAGE, handler=delete),
    Route(method="POST", path="/channels/{channel_id}/typing", handler=typing),
    Route(method="GET", path=REACTION, handler=reactors),
    Route(method="PUT", path=REACTION + "/@me", handler=react),
    Route(method="DELETE", path=REACTION + "/@me", handler=unreact),
    Route(method="DELETE", path=REACTION + "/{user_id}", handler=unreact),
)
