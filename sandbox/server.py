"""Everything the local Discord is made of, built once and handed to the handlers."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .announcer import Announcer
from .cdn import Cdn
from .chat import Chat
from .clock import Clock
from .command_permissions import CommandPermissions
from .commands import Commands
from .events import Events
from .faults import Faults
from .gateway import Gateway
from .guilds import Guild, Member, Overwrite
from .interactions import Interactions
from .openapi import OpenApi
from .payloads import Payloads
from .pins import Pins
from .ratelimits import InvalidRequests, RateLimits
from .reactions import Reactions
from .settings import Settings
from .state import Channel
from .threads import Threads
from .town import Town
from .webhooks import Webhooks

#: Told of every event, its data, and the members who alone see it, where the bot does not.
Watcher = Callable[[str | None, dict[str, Any], tuple[int, ...] | None], None]


@dataclass(frozen=True, kw_only=True)
class Served:
    """A request that was answered, for tests that count them."""

    method: str
    route: str
    status: int
    at: float  # time.monotonic()


class Changes:
    """A number that grows with everything that happens, and a way to wait for it."""

    def __init__(self) -> None:
        self.version = 0
        self._changed = asyncio.Event()

    def bump(self) -> None:
        """Something happened: wake whoever waits."""
        self.version += 1
        self._changed.set()
        self._changed = asyncio.Event()

    async def after(self, version: int, *, timeout_s: float) -> int:
        """The version as soon as it is above `version`, or after the timeout as it is."""
        if self.version <= version:
            try:
                await asyncio.wait_for(self._changed.wait(), timeout_s)
            except TimeoutError:
                return self.version
        return self.version


class Discord:
    """The parts of the server at `url`."""

    def __init__(self, *, url: str, settings: Settings) -> None:
        self.url = url
        self.settings = settings
        self.clock = Clock()
        self.changes = Changes()
        self.watchers: list[Watcher] = []
        self.faults = Faults(now=self.clock.now)
        self.limits = RateLimits(global_per_s=settings.global_per_s, now=self.clock.now)
        self.invalid = InvalidRequests(most=settings.invalid_requests, now=self.clock.now)
        self.openapi = OpenApi.load(settings.openapi)
        self.cdn = Cdn(url=url, clock=self.clock)
        self.town = Town(clock=self.clock)
        self.world = self.town.world
        self.payloads = Payloads(world=self.world, cdn=self.cdn)
        self.gateway = Gateway(
            clock=self.clock,
            settings=settings,
            ready=self._ready,
            guilds=self._guilds,
            presence=lambda: self.announce(None),
            token_ok=self.token_ok,
        )
        self.events = Events(faults=self.faults, bots=self.gateway)
        self.announcer = Announcer(world=self.world, payloads=self.payloads, announce=self.announce)
        self._build_acts()
        self.served: deque[Served] = deque(maxlen=100_000)

    def _build_acts(self) -> None:
        """What can be done, by the bot and by people."""
        shared: dict[str, Any] = {"clock": self.clock, "announcer": self.announcer}
        self.chat = Chat(world=self.world, **shared)
        self.reactions = Reactions(world=self.world, announcer=self.announcer)
        self.pins = Pins(chat=self.chat, **shared)
        self.threads = Threads(world=self.world, payloads=self.payloads, chat=self.chat, **shared)
        self.webhooks = Webhooks(world=self.world, chat=self.chat, **shared)
        self.commands = Commands(clock=self.clock, application_id=self.world.bot.id)
        self.command_permissions = CommandPermissions(world=self.world, announce=self.announce)
        self.interactions = Interactions(
            world=self.world, clock=self.clock, chat=self.chat, payloads=self.payloads, announce=self.announce
        )

    def announce(
        self, event: str | None, data: dict[str, Any] | None = None, *, only: tuple[int, ...] | None = None
    ) -> None:
        """Something happened: tell the bot, unless `only` some members see it, and whoever watches."""
        if event is not None and only is None:
            self.events.dispatch(event, data or {})
        for watcher in self.watchers:
            watcher(event, data or {}, only)
        self.changes.bump()

    def remove_channel(self, channel: Channel) -> None:
        """Delete a channel with its threads, or one thread."""
        if channel.thread is not None:
            self.threads.delete(channel)
            return
        for thread in [c for c in self.world.channels.values() if c.parent_id == channel.id]:
            self.threads.delete(thread)
        self.announcer.channel("CHANNEL_DELETE", channel)
        del self.world.channels[channel.id]

    def set_overwrite(self, channel: Channel, target_id: int, *, kind: int, allow: int, deny: int) -> None:
        """Let a channel allow and deny something to a role (kind 0) or a member (kind 1)."""
        channel.overwrites[target_id] = Overwrite(kind=kind, allow=allow, deny=deny)
        self.announcer.channel("CHANNEL_UPDATE", channel)

    def set_roles(self, guild: Guild, member: Member, roles: list[int]) -> None:
        """Give a member these roles and no others."""
        member.roles[:] = roles
        self.announce("GUILD_MEMBER_UPDATE", self.payloads.member(member) | {"guild_id": str(guild.id)})

    def token_ok(self, token: str) -> bool:
        """Whether a bot may come in with this token."""
        return bool(token) and self.settings.token in (None, token)

    def note(self, method: str, route: str, status: int) -> None:
        """Remember that a request was answered; status 0 stands for a dropped connection."""
        self.served.append(Served(method=method, route=route, status=status, at=time.monotonic()))

    def _ready(self) -> dict[str, Any]:
        return {
            "v": 10,
            "user": self.payloads.myself(),
            "guilds": [{"id": str(guild_id), "unavailable": True} for guild_id in self.world.guilds],
            "private_channels": [],
            "resume_gateway_url": gateway_url(self.url),
            "application": {"id": str(self.world.bot.id), "flags": 0},
        }

    def _guilds(self) -> list[dict[str, Any]]:
        return [self.payloads.guild_create(guild) for guild in self.world.guilds.values()]


def gateway_url(url: str) -> str:
    """The websocket's address for a server at `url`."""
    return url.replace("http", "ws", 1) + "/gateway"
