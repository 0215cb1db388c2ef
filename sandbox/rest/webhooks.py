"""Messages by a token instead of the bot's: what follows an interaction's first answer, and webhooks.

Both share their addresses: the application's id names its interactions, any other one a webhook.
"""

from dataclasses import dataclass

from ..errors import missing_permissions, unknown
from ..permissions import Permission
from ..state import Channel, Interaction, Message, Webhook
from .call import NOTHING, Answer, Call, Route


@dataclass(frozen=True, kw_only=True)
class Sender:
    """Who posts by the path's token: one of the two."""

    interaction: Interaction | None = None
    webhook: Webhook | None = None


def execute(call: Call) -> Answer:
    """Post a message. A webhook shows it only when asked to wait for it."""
    sender = _sender(call)
    if sender.interaction is not None:
        message = call.discord.interactions.follow_up(sender.interaction, call.body or {}, call.files)
    else:
        webhook = sender.webhook
        assert webhook is not None
        channel = call.discord.webhooks.channel(webhook, _thread_id(call))
        message = call.discord.webhooks.post(webhook, channel, call.body or {}, call.files)
        if not call.flag("wait"):
            return NOTHING
    return Answer(body=call.discord.payloads.message(message))


def show(call: Call) -> Answer:
    """A message of this interaction or webhook."""
    _, message = _message(call)
    return Answer(body=call.discord.payloads.message(message))


def edit(call: Call) -> Answer:
    """Change such a message; ephemeral ones can be reached only in this way."""
    channel, message = _message(call)
    call.discord.chat.edit(channel, message, call.body or {}, call.files)
    return Answer(body=call.discord.payloads.message(message))


def delete(call: Call) -> Answer:
    """Remove such a message."""
    call.discord.chat.delete(*_message(call))
    return NOTHING


def create(call: Call) -> Answer:
    """A new webhook for a channel."""
    channel = call.guild_channel(Permission.MANAGE_WEBHOOKS)
    webhook = call.discord.webhooks.create(channel, call.bot_id, call.body["name"])
    return Answer(body=call.discord.payloads.webhook(webhook))


def of_channel(call: Call) -> Answer:
    """A channel's webhooks."""
    channel = call.guild_channel(Permission.MANAGE_WEBHOOKS)
    return _listed(call, call.discord.webhooks.listed(channel_id=channel.id))


def of_guild(call: Call) -> Answer:
    """A server's webhooks."""
    guild = call.guild(Permission.MANAGE_WEBHOOKS)
    return _listed(call, call.discord.webhooks.listed(guild_id=guild.id))


def show_webhook(call: Call) -> Answer:
    """One webhook; by its token alone, without who made it."""
    return Answer(
        body=call.discord.payloads.webhook(_webhook(call), with_user="webhook_token" not in call.path)
    )


def change_webhook(call: Call) -> Answer:
    """Give it another name or, by the bot's token, another channel of its server."""
    webhook, body, channel = _webhook(call), call.body or {}, None
    if body.get("channel_id") and "webhook_token" not in call.path:
        channel = call.discord.world.channels.get(int(body["channel_id"]))
        if channel is None or channel.guild_id != webhook.guild_id:
            raise unknown("Channel")
    call.discord.webhooks.change(webhook, name=body.get("name"), channel=channel)
    return Answer(body=call.discord.payloads.webhook(webhook, with_user="webhook_token" not in call.path))


def delete_webhook(call: Call) -> Answer:
    """Remove it."""
    call.discord.webhooks.delete(_webhook(call))
    return NOTHING


def _sender(call: Call) -> Sender:
    token, webhook_id = call.path["webhook_token"], call.id("webhook_id")
    if webhook_id == call.bot_id:
        return Sender(interaction=call.discord.interactions.by_token(webhook_id, token))
    return Sender(webhook=call.discord.webhooks.find(webhook_id, token))


def _message(call: Call) -> tuple[Channel, Message]:
    """The path's message: the first answer, a follow-up, or a webhook's own."""
    sender, message_id = _sender(call), call.id("message_id") if "message_id" in call.path else None
    if sender.interaction is not None:
        message = call.discord.interactions.message(sender.interaction, message_id)
        return call.discord.world.channels[message.channel_id], message
    assert sender.webhook is not None
    channel = call.discord.webhooks.channel(sender.webhook, _thread_id(call))
    return channel, call.discord.webhooks.message(sender.webhook, channel, message_id or 0)


def _webhook(call: Call) -> Webhook:
    """The path's webhook: by its own token, or by the bot's, where it may manage webhooks."""
    webhook = call.discord.webhooks.find(call.id("webhook_id"), call.path.get("webhook_token"))
    channel = call.discord.world.channels[webhook.channel_id]
    if "webhook_token" not in call.path and not call.may(channel, Permission.MANAGE_WEBHOOKS):
        raise missing_permissions()
    return webhook


def _thread_id(call: Call) -> int | None:
    return int(call.query["thread_id"]) if "thread_id" in call.query else None


def _listed(call: Call, webhooks: list[Webhook]) -> Answer:
    return Answer(body=[call.discord.payloads.webhook(webhook) for webhook in webhooks])


BY_ID = "/webhooks/{webhook_id}"
BY_TOKEN = BY_ID + "/{webhook_token}"
ORIGINAL = BY_TOKEN + "/messages/@original"
MESSAGE = BY_TOKEN + "/messages/{message_id}"
ROUTES = (
    Route(method="POST", path=BY_TOKEN, handler=execute, by_bot=False),
    *(
        Route(method=method, path=path, handler=handler, by_bot=False)
        for path in (ORIGINAL, MESSAGE)  # @original first: the other template would match it too
        for method, handler in (("GET", show), ("PATCH", edit), ("DELETE", delete))
    ),
    Route(method="POST", path="/channels/{channel_id}/webhooks", handler=create),
    Route(method="GET", path="/channels/{channel_id}/webhooks", handler=of_channel),
    Route(method="GET", path="/guilds/{guild_id}/webhooks", handler=of_guild),
    *(
        Route(method=method, path=path, handler=handler, by_bot=path == BY_ID)
        for path in (BY_ID, BY_TOKEN)
        for method, handler in (("GET", show_webhook), ("PATCH", change_webhook), ("DELETE", delete_webhook))
    ),
)
