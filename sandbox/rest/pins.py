"""Pinned messages, under their address of 2025 and the one before it."""

from ..permissions import Permission
from ..state import Message
from .call import NOTHING, Answer, Call, Route

PAGE = 50


def listing(call: Call) -> Answer:
    """Pinned messages with the time of their pin, the latest first, before a time."""
    found = _pinned(call)
    if "before" in call.query:
        found = [message for message in found if (message.pinned or "") < call.query["before"]]
    limit = int(call.query.get("limit", PAGE))
    items = [{"pinned_at": m.pinned, "message": call.discord.payloads.message(m)} for m in found[:limit]]
    return Answer(body={"items": items, "has_more": len(found) > limit})


def old_listing(call: Call) -> Answer:
    """The messages alone."""
    return Answer(body=[call.discord.payloads.message(message) for message in _pinned(call)])


def pin(call: Call) -> Answer:
    """Pin a message."""
    channel = call.channel(Permission.PIN_MESSAGES)
    call.discord.pins.add(channel, call.message(channel), call.bot_id)
    return NOTHING


def unpin(call: Call) -> Answer:
    """Unpin a message."""
    channel = call.channel(Permission.PIN_MESSAGES)
    call.discord.pins.remove(channel, call.message(channel))
    return NOTHING


def _pinned(call: Call) -> list[Message]:
    channel = call.channel()
    return call.discord.pins.listed(channel) if call.may(channel, Permission.READ_MESSAGE_HISTORY) else []


PINS = "/channels/{channel_id}/messages/pins"
OLD = "/channels/{channel_id}/pins"
ROUTES = (
    Route(method="GET", path=PINS, handler=listing),
    Route(method="GET", path=OLD, handler=old_listing),
    *(Route(method="PUT", path=path + "/{message_id}", handler=pin) for path in (PINS, OLD)),
    *(Route(method="DELETE", path=path + "/{message_id}", handler=unpin) for path in (PINS, OLD)),
)
