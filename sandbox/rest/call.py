"""What a handler gets and gives. Handlers are plain functions: what they change is changed at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import unknown
from ..server import Discord
from ..state import Channel, Guild, Message
from ..uploads import Upload


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request, read."""

    discord: Discord
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Any
    files: Mapping[int, Upload]

    def id(self, name: str) -> int:
        """An id from the path; 0, which is nobody's, for what is no number."""
        text = self.path[name]
        return int(text) if text.isdigit() else 0

    def flag(self, name: str) -> bool:
        """A boolean of the query."""
        return self.query.get(name, "").lower() in ("1", "true")

    def channel(self) -> Channel:
        """The path's channel."""
        channel = self.discord.world.channels.get(self.id("channel_id"))
        if channel is None or channel.without_bot:
            raise unknown("Channel")
        return channel

    def guild(self) -> Guild:
        """The path's server."""
        guild = self.discord.world.guilds.get(self.id("guild_id"))
        if guild is None:
            raise unknown("Guild")
        return guild

    def message(self, channel: Channel) -> Message:
        """The path's message; bots cannot reach ephemeral ones in this way."""
        message = channel.messages.get(self.id("message_id"))
        if message is None or not message.visible_to(self.discord.world.bot.id):
            raise unknown("Message")
        return message


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A status and a JSON body, or none."""

    status: int = 200
    body: Any = None


NOTHING = Answer(status=204)


@dataclass(frozen=True, kw_only=True)
class Route:
    """One operation, under the path template that Discord's API description gives it."""

    method: str
    path: str
    handler: Callable[[Call], Answer]
    by_bot: bool = True  # whether it needs the bot's token; interaction tokens speak for themselves
