"""Pinned messages."""

from .announcer import Announcer
from .chat import Chat
from .clock import Clock
from .errors import DiscordError
from .state import Channel, Message

MOST = 250  # in one channel
PINNED_NOTICE = 6


class Pins:
    """Pins messages and announces it."""

    def __init__(self, *, clock: Clock, chat: Chat, announcer: Announcer) -> None:
        self._clock = clock
        self._chat = chat
        self._announcer = announcer

    def listed(self, channel: Channel) -> list[Message]:
        """The channel's pinned messages, the latest pin first."""
        pinned = [message for message in channel.messages.values() if message.pinned is not None]
        return sorted(pinned, key=lambda message: (message.pinned or "", message.id), reverse=True)

    def add(self, channel: Channel, message: Message, user_id: int) -> None:
        """Pin a message; the channel gets a notice of it. Raises DiscordError when there are too many."""
        if message.pinned is not None:
            return
        if len(self.listed(channel)) >= MOST:
            raise DiscordError(400, 30003, f"Maximum number of pins reached ({MOST})")
        message.pinned = self._clock.iso()
        self._tell(channel, message)
        self._chat.notice(channel, user_id, kind=PINNED_NOTICE, about=message.id)

    def remove(self, channel: Channel, message: Message) -> None:
        """Unpin a message."""
        if message.pinned is not None:
            message.pinned = None
            self._tell(channel, message)

    def _tell(self, channel: Channel, message: Message) -> None:
        self._announcer.message("MESSAGE_UPDATE", channel, message)
        newest = next(iter(self.listed(channel)), None)
        changed = {"channel_id": str(channel.id), "last_pin_timestamp": newest.pinned if newest else None}
        self._announcer.channel("CHANNEL_PINS_UPDATE", channel, changed)
