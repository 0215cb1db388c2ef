"""Everything the local Discord is made of, built once and handed to the handlers."""

import asyncio
import os
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .cdn import Cdn
from .chat import Chat
from .clock import Clock
from .commands import Commands
from .faults import Faults
from .gateway import Gateway
from .interactions import Interactions
from .openapi import OpenApi
from .payloads import Payloads
from .ratelimits import RateLimits
from .town import Town

DEFAULT_OPENAPI = Path(__file__).parent.parent / "../shared/discord/openapi.json"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How strict the local Discord is."""

    #: Discord's API description, against which requests and answers are checked.
    openapi: Path = field(default_factory=lambda: Path(os.environ.get("DISCORD_OPENAPI") or DEFAULT_OPENAPI))
    #: The only bot token that is let in; None lets any in.
    token: str | None = None
    #: Whether requests above Discord's limits are refused.
    rate_limits: bool = True
    #: Requests a second over all routes but interactions.
    global_per_s: int = 50


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
        self.faults = Faults()
        self.limits = RateLimits(global_per_s=settings.global_per_s)
        self.openapi = OpenApi.load(settings.openapi)
        self.cdn = Cdn(url=url, clock=self.clock)
        self.town = Town(clock=self.clock)
        self.world = self.town.world
        self.payloads = Payloads(world=self.world, cdn=self.cdn)
        self.gateway = Gateway(
            clock=self.clock,
            faults=self.faults,
            ready=self._ready,
            guilds=self._guilds,
            presence=lambda: self.announce(None),
        )
        self.chat = Chat(world=self.world, clock=self.clock, payloads=self.payloads, announce=self.announce)
        self.commands = Commands(clock=self.clock, application_id=self.world.bot.id)
        self.interactions = Interactions(
            world=self.world, clock=self.clock, chat=self.chat, payloads=self.payloads, announce=self.announce
        )
        self.served: deque[Served] = deque(maxlen=100_000)

    def announce(
        self, event: str | None, data: dict[str, Any] | None = None, *, only: tuple[int, ...] | None = None
    ) -> None:
        """Something happened: tell the bot, unless `only` some members see it, and whoever watches."""
        if event is not None and only is None:
            self.gateway.dispatch(event, data or {})
        for watcher in self.watchers:
            watcher(event, data or {}, only)
        self.changes.bump()

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
