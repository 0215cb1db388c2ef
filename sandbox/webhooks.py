"""Incoming webhooks: addresses that post in a channel for whoever knows them."""

import hmac
import secrets
from collections.abc import Mapping
from typing import Any

from .announcer import Announcer
from .chat import Chat, Files
from .clock import Clock
from .errors import DiscordError, invalid_form, unknown
from .state import Channel, Message, Webhook, World

MOST = 15  # in one channel
FORBIDDEN = ("clyde", "discord")


class Webhooks:
    """Makes webhooks and posts for them."""

    def __init__(self, *, world: World, clock: Clock, chat: Chat, announcer: Announcer) -> None:
        self._world = world
        self._clock = clock
        self._chat = chat
        self._announcer = announcer

    def listed(self, *, channel_id: int | None = None, guild_id: int | None = None) -> list[Webhook]:
        """Those of a channel, or of a server."""
        every = self._world.webhooks.values()
        return [hook for hook in every if channel_id == hook.channel_id or guild_id == hook.guild_id]

    def create(self, channel: Channel, creator_id: int, name: str) -> Webhook:
        """A new webhook. Raises DiscordError for a name that Discord does not take, or one too many."""
        check_name(name)
        if len(self.listed(channel_id=channel.id)) >= MOST:
            raise DiscordError(400, 30007, f"Maximum number of webhooks reached ({MOST})")
        webhook = Webhook(
            id=self._clock.snowflake(),
            token=secrets.token_urlsafe(51),
            channel_id=channel.id,
            guild_id=channel.guild_id or 0,
            name=name,
            creator_id=creator_id,
        )
        self._world.webhooks[webhook.id] = webhook
        self._announcer.channel("WEBHOOKS_UPDATE", channel, {"channel_id": str(channel.id)})
        return webhook

    def change(self, webhook: Webhook, *, name: str | None, channel: Channel | None = None) -> None:
        """Give a webhook another name or channel."""
        if name is not None:
            check_name(name)
            webhook.name = name
        if channel is not None:
            webhook.channel_id = channel.id
        self._tell(webhook)

    def delete(self, webhook: Webhook) -> None:
        """Remove a webhook; its messages stay."""
        del self._world.webhooks[webhook.id]
        self._tell(webhook)

    def find(self, webhook_id: int, token: str | None = None) -> Webhook:
        """A webhook by its id and, where given, its token. Raises DiscordError."""
        webhook = self._world.webhooks.get(webhook_id)
        if webhook is None or webhook.channel_id not in self._world.channels:
            raise unknown("Webhook")
        if token is not None and not hmac.compare_digest(webhook.token.encode(), token.encode()):
            raise DiscordError(401, 50027, "Invalid Webhook Token")
        return webhook

    def channel(self, webhook: Webhook, thread_id: int | None) -> Channel:
        """The channel that a webhook posts in, or one of its threads."""
        channel = self._world.channels.get(webhook.channel_id if thread_id is None else thread_id)
        if channel is None or webhook.channel_id not in (channel.id, channel.parent_id):
            raise unknown("Channel")
        return channel

    def post(self, webhook: Webhook, channel: Channel, body: Mapping[str, Any], files: Files) -> Message:
        """Post a message under the webhook's name, or the one in `body`."""
        return self._chat.post(channel, webhook.id, body, files, webhook=webhook)

    def message(self, webhook: Webhook, channel: Channel, message_id: int) -> Message:
        """One of the webhook's own messages."""
        message = channel.messages.get(message_id)
        if message is None or message.webhook_id != webhook.id:
            raise unknown("Message")
        return message

    def _tell(self, webhook: Webhook) -> None:
        channel = self._world.channels[webhook.channel_id]
        self._announcer.channel("WEBHOOKS_UPDATE", channel, {"channel_id": str(channel.id)})


def check_name(name: str) -> None:
    """Refuse a name that Discord does not take."""
    if any(word in name.lower() for word in FORBIDDEN):
        raise invalid_form("name", f"Name cannot contain {' or '.join(FORBIDDEN)}")
