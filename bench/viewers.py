"""Open pages of a local Discord, for `bench.sandbox`: `python -m bench.viewers URL MEMBER...`.

Each member has one page; the pages take what the server sends and do nothing with it. "looking" is printed
once each has been told where it is. On SIGTERM the number of frames since then is printed as JSON, and how
many pages were `blind`: closed by the server, or told nothing.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack

import aiohttp


class Page:
    """What was sent to one open page."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.frames = 0
        self._looking = asyncio.create_task(self._look(socket))

    def close(self) -> bool:
        """Look no longer. Whether the page has been shown everything until now."""
        return self._looking.cancel() and self.frames > 0

    async def _look(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for _ in socket:
            self.frames += 1


async def main(url: str, members: Sequence[str]) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with AsyncExitStack() as stack:
        connector = aiohttp.TCPConnector(limit=0)
        session = await stack.enter_async_context(aiohttp.ClientSession(connector=connector))
        pages = [Page(await _open(stack, session, url, member)) for member in members]
        print("looking", flush=True)
        await stop.wait()
        blind = sum(not page.close() for page in pages)
    print(json.dumps({"frames": sum(page.frames for page in pages), "blind": blind}))


async def _open(
    stack: AsyncExitStack, session: aiohttp.ClientSession, url: str, member: str
) -> aiohttp.ClientWebSocketResponse:
    """A member's stream, whose first frame has arrived."""
    address, query = f"{url}/local/stream", {"member": member}
    socket = await stack.enter_async_context(session.ws_connect(address, params=query, max_msg_size=0))
    await socket.receive_str()
    return socket


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2:]))
