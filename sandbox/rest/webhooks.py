"""Answers to interactions: the first one, and everything that follows by the interaction's token."""

from ..state import Interaction
from .call import NOTHING, Answer, Call, Route


def callback(call: Call) -> Answer:
    """The first answer."""
    shown = call.discord.interactions.answer(
        call.id("interaction_id"), call.path["interaction_token"], call.body or {}, call.files
    )
    return Answer(body=shown) if call.flag("with_response") else NOTHING


def execute(call: Call) -> Answer:
    """A follow-up message."""
    message = call.discord.interactions.follow_up(_interaction(call), call.body or {}, call.files)
    return Answer(body=call.discord.payloads.message(message))


def show(call: Call) -> Answer:
    """A message of this interaction."""
    interaction = _interaction(call)
    message = call.discord.interactions.message(interaction, _message_id(call))
    return Answer(body=call.discord.payloads.message(message))


def edit(call: Call) -> Answer:
    """Change a message of this interaction; ephemeral ones can be reached only in this way."""
    interaction = _interaction(call)
    message = call.discord.interactions.message(interaction, _message_id(call))
    channel = call.discord.world.channels[message.channel_id]
    call.discord.chat.edit(channel, message, call.body or {}, call.files)
    return Answer(body=call.discord.payloads.message(message))


def delete(call: Call) -> Answer:
    """Remove a message of this interaction."""
    interaction = _interaction(call)
    message = call.discord.interactions.message(interaction, _message_id(call))
    call.discord.chat.delete(call.discord.world.channels[message.channel_id], message)
    return NOTHING


def _interaction(call: Call) -> Interaction:
    return call.discord.interactions.by_token(call.id("webhook_id"), call.path["webhook_token"])


def _message_id(call: Call) -> int | None:
    return call.id("message_id") if "message_id" in call.path else None


CALLBACK = "/interactions/{interaction_id}/{interaction_token}/callback"
WEBHOOK = "/webhooks/{webhook_id}/{webhook_token}"
ORIGINAL = WEBHOOK + "/messages/@original"
MESSAGE = WEBHOOK + "/messages/{message_id}"
ROUTES = (
    Route(method="POST", path=CALLBACK, handler=callback, by_bot=False),
    Route(method="POST", path=WEBHOOK, handler=execute, by_bot=False),
    *(
        Route(method=method, path=path, handler=handler, by_bot=False)
        for path in (ORIGINAL, MESSAGE)  # @original first: the other template would match it too
        for method, handler in (("GET", show), ("PATCH", edit), ("DELETE", delete))
    ),
)
