"""A channel of its own for each test, and the people who open it in a browser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlencode

from playwright.async_api import Browser, ConsoleMessage, Page

from launch.browser import SCREENS
from sandbox.client import LocalClient
from tests.browser.chat import Chat


@dataclass(frozen=True, kw_only=True)
class Room:
    """A channel, and what it takes to look at it."""

    name: str
    members: LocalClient
    browser: Browser
    screen: str
    pages: AsyncExitStack

    async def enter(self, person: str) -> Chat:
        """A new member opens the channel; their page stays open until the test ends."""
        member = f"{person}-{self.name}"
        await self.members.add_member(member)
        return await self.enter_as(member)

    async def enter_as(self, member: str) -> Chat:
        """The same for a member there is."""
        address = f"{self.members.url}/?{urlencode({'as': member, 'in': self.name})}"
        page = await self.pages.enter_async_context(open_page(self.browser, self.screen, address))
        return Chat(page, self.screen, member=member, place=f"#{self.name}")


@asynccontextmanager
async def open_page(browser: Browser, screen: str, address: str) -> AsyncIterator[Page]:
    """A page in a profile of its own, closed at the end; what went wrong in it fails the test."""
    async with await browser.new_context(**SCREENS[screen]) as context:
        context.set_default_timeout(60_000)
        page = await context.new_page()
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if _is_wrong(said) else None)
        await page.goto(address)
        yield page
        assert not wrong, wrong


def _is_wrong(said: ConsoleMessage) -> bool:
    # A preview may be replaced by the next one while the browser is still fetching it.
    return said.type == "error" and "/attachments/" not in said.location["url"]
