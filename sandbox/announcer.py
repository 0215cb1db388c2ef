"""Says what happened, to whom it may be said: the bot by its gateway, members by what watches for them."""

from typing import Any, Protocol

from .payloads import Payloads
from .permissions import sees
from .state import DM_CHANNEL, Channel, Message, World

Payload = dict[str, Any]


class Announce(Protocol):
    """Says that something happened; what `only` some members see reaches no bot."""

    def __call__(
        self, event: str | None, data: Payload | None = None, *, only: tuple[int, ...] | None = None
    ) -> None: ...


class Announcer:
    """Puts what happened into the form that Discord's gateway gives it."""

    def __init__(self, *, world: World, payloads: Payloads, announce: Announce) -> None:
        self._world = world
        self._payloads = payloads
        self._announce = announce

    def message(self, event: str, channel: Channel, message: Message) -> None:
        """A message was made or changed. What only members see reaches no gateway: its id is enough."""
        only = self._audience(channel, message)
        if only is not None:
            self._announce(event, {"id": str(message.id), "channel_id": str(channel.id)}, only=only)
            return
        payload = self._payloads.message(message) | place(channel)
        member = None if message.webhook_id else self.member(channel, message.author_id)
        if member is not None:
            payload["member"] = {key: value for key, value in member.items() if key != "user"}
        self._announce(event, payload)

    def about(self, event: str, channel: Channel, message: Message, payload: Payload) -> None:
        """Something happened to a message: a reaction, its removal."""
        self._announce(event, payload | place(channel), only=self._audience(channel, message))

    def channel(self, event: str, channel: Channel, payload: Payload | None = None) -> None:
        """A channel or thread was made, changed or removed; `payload` says it, or the channel itself."""
        shown = self._payloads.channel(channel) if payload is None else payload | place(channel)
        self._announce(event, shown, only=self._audience(channel))

    def member(self, channel: Channel, user_id: int) -> Payload | None:
        """The member's payload in a server's channel, while they are there."""
        guild = self._world.guilds.get(channel.guild_id or 0)
        member = guild.members.get(user_id) if guild else None
        return self._payloads.member(member) if member else None

    def _audience(self, channel: Channel, message: Message | None = None) -> tuple[int, ...] | None:
        """The members who alone hear of it; None where the bot does too."""
        if message is not None and message.only_for is not None:
            return (message.only_for,)
        if channel.guild_id is None or sees(self._world, channel, self._world.bot.id):
            return channel.without_bot
        members = self._world.guilds[channel.guild_id].members
        return tuple(user_id for user_id in members if sees(self._world, channel, user_id))


def place(channel: Channel) -> Payload:
    """The server that an event happened in, if any."""
    return {} if channel.kind == DM_CHANNEL else {"guild_id": str(channel.guild_id)}
