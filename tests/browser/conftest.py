"""`make demo` as a newcomer starts it, and Chromium that looks at its page on a desktop and on a phone."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from launch.browser import SCREENS, WHAT_WOULD_DO, chromium, running_browser
from sandbox.client import LocalClient
from tests.browser.chat import Chat
from tests.browser.room import Room
from tests.servers import missing

START_S = 240
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")
_rooms = count(1)
# A busy machine takes long, and nothing here measures how long.
expect.set_options(timeout=60_000)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """One browser for a module's tests. Whoever asks for it first is skipped where there is none."""
    if chromium() is None:
        missing("Chromium", WHAT_WOULD_DO)
    async with running_browser() as found:
        yield found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def demo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """The address that `make demo` prints: bot, worker with the starter model and local Discord run."""
    async with running_demo(tmp_path_factory.mktemp("demo")) as url:
        yield url


@asynccontextmanager
async def running_demo(data_dir: Path) -> AsyncIterator[str]:
    """`make demo` until the block ends. Not Ctrl-C ends it: a shell's background jobs ignore that."""
    environment = {**os.environ, "ATELIER_DATA_DIR": str(data_dir), "DISCORD_TOKEN": "", "DISPLAY": ""}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "launch.demo", env=environment, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(START_S):
            while not (found := ADDRESS.search(line := (await process.stdout.readline()).decode())):
                assert line, f"make demo ended with {await process.wait()}"
        yield found[0]
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.communicate()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def members(demo: str) -> AsyncIterator[LocalClient]:
    """Sets the stage, and looks at what the page cannot show."""
    async with LocalClient.connect(demo) as client:
        yield client
        assert await client.violations() == []


@pytest.fixture(params=list(SCREENS))
def screen(request: pytest.FixtureRequest) -> str:
    """A desktop, then a phone."""
    return str(request.param)


@pytest_asyncio.fixture(loop_scope="module")
async def room(browser: Browser, members: LocalClient, screen: str) -> AsyncIterator[Room]:
    """A channel that no other test uses."""
    name = f"room{next(_rooms)}"
    await members.add_channel(name)
    async with AsyncExitStack() as stack:
        yield Room(name=name, members=members, browser=browser, screen=screen, pages=stack)


@pytest_asyncio.fixture(loop_scope="module")
async def chat(room: Room) -> Chat:
    """The room on the screen of somebody new."""
    return await room.enter("kim")
