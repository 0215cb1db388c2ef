"""What the page asks for: a channel's messages page by page, and the faults to choose from."""

from itertools import islice
from typing import Any

from ..faults import FOR_EVENTS, FOR_REQUESTS
from ..guilds import User
from ..intents import INTENTS
from ..server import Discord
from ..state import Channel, Message
from .errors import Refused
from .people import find_channel, find_user, may_see
from .views import seen_message

Body = dict[str, Any]
PAGE = 50
LONGEST_PAGE = 100


def history(discord: Discord, body: Body) -> Body:
    """At most `limit` messages that a member sees, oldest first: those `before`, `after` or `around` an id,
    without one the newest; whether there are `older` and `newer` ones; and the version that this shows."""
    user, channel = find_user(discord.world, body["member"]), find_channel(discord.world, body["channel"])
    if not may_see(discord.world, user, channel):
        raise Refused(f"{user.name} does not see this channel")
    limit = min(int(body.get("limit") or PAGE), LONGEST_PAGE)
    if "around" in body:
        middle = int(body["around"])
        before, older = _before(channel, user, middle, limit // 2)
        after, newer = _from(channel, user, middle, limit - limit // 2)
        found = before + after
    elif "after" in body:
        found, newer = _from(channel, user, int(body["after"]) + 1, limit)
        older = True
    else:
        found, older = _before(channel, user, int(body["before"]) if "before" in body else None, limit)
        newer = "before" in body
    page = {"messages": [seen_message(discord, m) for m in found], "older": older, "newer": newer}
    return page | {"version": discord.changes.version}


def fault_choices(_discord: Discord, _: Body) -> Body:
    """What can go wrong with which requests and which events."""
    from ..rest.pipeline import ROUTES

    return {
        "requests": {
            "kinds": [kind.value for kind in FOR_REQUESTS],
            "targets": [{"method": route.method, "route": route.path} for route in ROUTES],
        },
        "events": {
            "kinds": [kind.value for kind in FOR_EVENTS],
            "targets": [{"method": "EVENT", "route": name} for name in INTENTS],
        },
    }


def _before(channel: Channel, user: User, message_id: int | None, limit: int) -> tuple[list[Message], bool]:
    """The newest messages below an id, oldest first, and whether there are more."""
    newest_first = (
        m
        for m in reversed(channel.messages.values())
        if m.visible_to(user.id) and (message_id is None or m.id < message_id)
    )
    found = list(islice(newest_first, limit + 1))
    return found[:limit][::-1], len(found) > limit


def _from(channel: Channel, user: User, message_id: int, limit: int) -> tuple[list[Message], bool]:
    """The oldest messages from an id on, and whether there are more."""
    oldest_first = (m for m in channel.messages.values() if m.visible_to(user.id) and m.id >= message_id)
    found = list(islice(oldest_first, limit + 1))
    return found[:limit], len(found) > limit
