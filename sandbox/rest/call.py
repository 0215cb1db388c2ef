"""What a handler gets and gives. Handlers are plain functions: what they change is changed at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from typing import Any

from ..errors import DiscordError, missing_access, missing_permissions, unknown
from ..guilds import Guild
from ..permissions import Permission, in_channel, in_guild
from ..server import Discord
from ..state import Channel, Message, Thread
from ..uploads import Upload


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request, read."""

    discord: Discord
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Any
    files: Mapping[int, Upload]
    bearer: str | None = None  # a member's own token, where one was sent instead of the bot's

    @property
    def bot_id(self) -> int:
        """Who asks."""
        return self.discord.world.bot.id

    def id(self, name: str) -> int:
        """An id from the path; 0, which is nobody's, for what is no number."""
        text = self.path[name]
        return int(text) if text.isdigit() else 0

    def note_unserved(self, method: str, route: str, *, served: Set[str]) -> None:
        """Note the body's fields that Discord has and this does not, so that no test overlooks them."""
        for field in sorted(set(self.body or {}) - served):
            self.discord.openapi.note_unserved(method, route, field)

    def flag(self, name: str) -> bool:
        """A boolean of the query."""
        return self.query.get(name, "").lower() in ("1", "true")

    def channel(self, *needed: Permission) -> Channel:
        """The path's channel, where the bot sees it and has what is `needed` there."""
        channel = self.discord.world.channels.get(self.id("channel_id"))
        if channel is None or channel.without_bot:
            raise unknown("Channel")
        if not self.may(channel, Permission.VIEW_CHANNEL):
            raise missing_access()
        if not all(self.may(channel, permission) for permission in needed):
            raise missing_permissions()
        return channel

    def may(self, channel: Channel, permission: Permission) -> bool:
        """Whether the bot has a permission in a channel."""
        return bool(in_channel(self.discord.world, channel, self.bot_id) & permission)

    def guild_channel(self, *needed: Permission) -> Channel:
        """The path's channel, which must be a server's."""
        channel = self.channel(*needed)
        if channel.guild_id is None:
            raise DiscordError(400, 50024, "Cannot execute action on this channel type")
        return channel

    def thread(self, *needed: Permission) -> tuple[Channel, Thread]:
        """The path's channel, which must be a thread."""
        channel = self.guild_channel(*needed)
        if channel.thread is None:
            raise DiscordError(400, 50024, "Cannot execute action on this channel type")
        return channel, channel.thread

    def guild(self, *needed: Permission) -> Guild:
        """The path's server, where the bot has what is `needed`."""
        guild = self.discord.world.guilds.get(self.id("guild_id"))
        if guild is None:
            raise unknown("Guild")
        if not all(in_guild(guild, self.bot_id) & permission for permission in needed):
            raise missing_permissions()
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
    described: bool = True  # whether Discord's API description knows it
    by_bot: bool = True  # whether it needs the bot's token; interaction tokens speak for themselves
