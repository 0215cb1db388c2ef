"""Starting a local Discord for a test, a bench or the demo, in this process or as one of its own."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from .app import serving
from .client import LocalClient
from .settings import Settings


class NotStarted(Exception):
    """The process ended without saying where it listens."""


@dataclass(frozen=True, kw_only=True)
class LocalDiscord:
    """A running local Discord. The bot's settings: Route.BASE is `api_url`, DEFAULT_GATEWAY `gateway_url`."""

    url: str
    client: LocalClient
    #: The server's process.
    pid: int

    @property
    def api_url(self) -> str:
        """Where REST is."""
        return f"{self.url}/api/v10"

    @property
    def gateway_url(self) -> str:
        """Where the gateway is."""
        return self.url.replace("http", "ws", 1) + "/gateway"

    @classmethod
    @asynccontextmanager
    async def run(cls, settings: Settings | None = None) -> AsyncIterator["LocalDiscord"]:
        """In this process and event loop, over real sockets."""
        async with serving(settings or Settings()) as discord, LocalClient.connect(discord.url) as client:
            yield cls(url=discord.url, client=client, pid=os.getpid())

    @classmethod
    @asynccontextmanager
    async def spawn(cls, *arguments: str) -> AsyncIterator["LocalDiscord"]:
        """As `python -m sandbox` with `arguments`; it is stopped at the end. Raises NotStarted."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "sandbox", *arguments, stdout=asyncio.subprocess.PIPE
        )
        try:
            assert process.stdout is not None
            line = (await process.stdout.readline()).decode().strip()
            if not line:
                raise NotStarted(f"python -m sandbox ended with {await process.wait()}")
            url = line.rsplit(" ", 1)[-1]
            async with LocalClient.connect(url) as client:
                yield cls(url=url, client=client, pid=process.pid)
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()
