"""Open pages of a local Discord, for `bench.sandbox`: `python -m bench.viewers URL MEMBER...`.

Each member has one page; the pages take what the server sends and do nothing with it. On SIGTERM the number
of frames is printed as JSON.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import Sequence

import aiohttp


class Pages:
    """What was sent to the open pages."""

    def __init__(self) -> None:
        self.frames = 0

    async def look(self, session: aiohttp.ClientSession, url: str, member: str) -> None:
        """Keep one page open until cancelled."""
        async with session.ws_connect(
            f"{url}/local/stream", params={"member": member}, max_msg_size=0
        ) as socket:
            async for _ in socket:
                self.frames += 1


async def main(url: str, members: Sequence[str]) -> None:
    pages = Pages()
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        looking = [asyncio.create_task(pages.look(session, url, member)) for member in members]
        await stop.wait()
        for task in looking:
            task.cancel()
        await asyncio.gather(*looking, return_exceptions=True)
    print(json.dumps({"frames": pages.frames}))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2:]))
