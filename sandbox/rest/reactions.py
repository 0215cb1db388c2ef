"""Reactions by the bot's own token."""

from ..permissions import Permission
from ..reactions import check_emoji
from ..state import Message
from ..threads import check_open
from .call import NOTHING, Answer, Call, Route

MOST_LISTED = 100


def react(call: Call) -> Answer:
    """Add the bot's reaction."""
    message = _message(call, Permission.READ_MESSAGE_HISTORY)
    call.discord.reactions.add(message, call.bot_id, call.path["emoji_name"])
    return NOTHING


def unreact(call: Call) -> Answer:
    """Take the bot's own reaction back."""
    call.discord.reactions.remove(_message(call), call.bot_id, call.path["emoji_name"])
    return NOTHING


def unreact_for(call: Call) -> Answer:
    """Take someone's reaction away."""
    message = _message(call, Permission.MANAGE_MESSAGES)
    call.discord.reactions.remove(message, call.id("user_id"), call.path["emoji_name"])
    return NOTHING


def clear(call: Call) -> Answer:
    """Take all reactions away, or all with one emoji."""
    call.discord.reactions.clear(_message(call, Permission.MANAGE_MESSAGES), call.path.get("emoji_name"))
    return NOTHING


def reactors(call: Call) -> Answer:
    """Who reacted with one emoji, by id, after one of them."""
    world, payloads = call.discord.world, call.discord.payloads
    check_emoji(call.path["emoji_name"])
    limit, after = int(call.query.get("limit", 25)), int(call.query.get("after", 0))
    users = call.message(call.channel()).reactions.get(call.path["emoji_name"], [])
    found = sorted(user_id for user_id in users if user_id > after)[: min(limit, MOST_LISTED)]
    return Answer(body=[payloads.user(world.users[user_id]) for user_id in found])


def _message(call: Call, *needed: Permission) -> Message:
    """The path's message, where its reactions may change."""
    channel = call.channel(*needed)
    check_open(channel.thread, moderator=True)  # a lock alone does not keep reactions out
    return call.message(channel)


ALL = "/channels/{channel_id}/messages/{message_id}/reactions"
ONE = ALL + "/{emoji_name}"
ROUTES = (
    Route(method="GET", path=ONE, handler=reactors),
    Route(method="PUT", path=ONE + "/@me", handler=react),
    Route(method="DELETE", path=ONE + "/@me", handler=unreact),
    Route(method="DELETE", path=ONE + "/{user_id}", handler=unreact_for),
    Route(method="DELETE", path=ONE, handler=clear),
    Route(method="DELETE", path=ALL, handler=clear),
)
