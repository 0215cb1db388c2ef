"""Reactions: added, taken back and cleared, by the bot and by people alike."""

import re
from typing import Any

from .announcer import Announcer
from .errors import DiscordError, missing_permissions
from .payloads import emoji_payload
from .permissions import Permission, in_channel
from .state import Message, World

MOST_KINDS = 20  # different emoji on one message
#: A keycap, or pictures with their skin tones, flags' letters and tags, joined by U+200D (Unicode's UTS #51).
EMOJI = re.compile(
    "[0-9#*]\ufe0f?\u20e3"
    "|([\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]"
    "\ufe0f?[\U000e0020-\U000e007f]*\u200d?)+"
)


class Reactions:
    """Changes reactions and announces each change."""

    def __init__(self, *, world: World, announcer: Announcer) -> None:
        self._world = world
        self._announcer = announcer

    def add(self, message: Message, user_id: int, emoji: str) -> None:
        """Add one user's reaction; a second one with the same emoji changes nothing.

        Raises DiscordError for what is no emoji, for more kinds than a message takes, and where a user may
        only join in reactions that are there.
        """
        check_emoji(emoji)
        if emoji not in message.reactions:
            self._check_new(message, user_id)
        users = message.reactions.setdefault(emoji, [])
        if user_id not in users:
            users.append(user_id)
            self._tell("MESSAGE_REACTION_ADD", message, user_id, emoji)

    def remove(self, message: Message, user_id: int, emoji: str) -> None:
        """Take one user's reaction back."""
        check_emoji(emoji)
        users = message.reactions.get(emoji, [])
        if user_id in users:
            users.remove(user_id)
            if not users:
                del message.reactions[emoji]
            self._tell("MESSAGE_REACTION_REMOVE", message, user_id, emoji)

    def clear(self, message: Message, emoji: str | None = None) -> None:
        """Take away everybody's reactions, or those with one emoji."""
        channel = self._world.channels[message.channel_id]
        about: dict[str, Any] = {"channel_id": str(channel.id), "message_id": str(message.id)}
        if emoji is None:
            message.reactions.clear()
            self._announcer.about("MESSAGE_REACTION_REMOVE_ALL", channel, message, about)
            return
        check_emoji(emoji)
        message.reactions.pop(emoji, None)
        about["emoji"] = emoji_payload(emoji)
        self._announcer.about("MESSAGE_REACTION_REMOVE_EMOJI", channel, message, about)

    def _check_new(self, message: Message, user_id: int) -> None:
        channel = self._world.channels[message.channel_id]
        if not in_channel(self._world, channel, user_id) & Permission.ADD_REACTIONS:
            raise missing_permissions()
        if len(message.reactions) >= MOST_KINDS:
            raise DiscordError(403, 30010, f"Maximum number of reactions reached ({MOST_KINDS})")

    def _tell(self, event: str, message: Message, user_id: int, emoji: str) -> None:
        channel = self._world.channels[message.channel_id]
        payload: dict[str, Any] = {
            "user_id": str(user_id),
            "channel_id": str(channel.id),
            "message_id": str(message.id),
            "message_author_id": str(message.author_id),
            "emoji": emoji_payload(emoji),
            "burst": False,
            "type": 0,
        }
        member = self._announcer.member(channel, user_id)
        if member is not None and event == "MESSAGE_REACTION_ADD":
            payload["member"] = member
        self._announcer.about(event, channel, message, payload)


def check_emoji(emoji: str) -> None:
    """Refuse what is no emoji here: plain text, and servers' own ones, of which there are none."""
    if not EMOJI.fullmatch(emoji):
        raise DiscordError(400, 10014, "Unknown Emoji")
