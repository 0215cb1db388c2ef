"""Someone who ran `make demo`, opened the address and reads nothing but the page."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from sandbox.client import LocalClient
from tests.browser.chat import Chat
from tests.browser.room import open_page

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(600)]


async def test_a_newcomer_makes_reruns_and_remixes_a_picture_and_finds_it_again(
    browser: Browser, demo: str, members: LocalClient
) -> None:
    async with open_page(browser, "desktop", demo) as page:
        chat = Chat(page, "desktop", member="ana", place="#studio")
        # The first message says what to type, and the demo's own picture comes below it.
        welcome = chat.message("Welcome to Atelier")
        await expect(welcome).to_contain_text("/imagine")
        await expect(chat.pictures()).to_have_count(1)
        await page.keyboard.type("/imagine")
        await chat.choice("/imagine ").first.wait_for()
        await chat.keys("Tab")
        await page.keyboard.type("a red heart on a white background")
        await chat.keys("Enter")
        await expect(chat.pictures()).to_have_count(2)
        await chat.press(chat.pictures().last, "Rerun")
        await expect(chat.pictures()).to_have_count(3)
        await chat.press(chat.pictures().last, "Remix")
        await chat.dialog.get_by_role("textbox", name="Prompt").fill("a blue star on a white background")
        await chat.dialog.get_by_role("button", name="Submit").click()
        await expect(chat.pictures()).to_have_count(4)
        await expect(chat.pictures().last).to_contain_text("a blue star")
        await chat.begin("history")
        await chat.keys("Enter")
        history = chat.message("Only you can see this")
        await expect(history).to_contain_text("a blue star on a white background")
        await expect(history).to_contain_text("a red heart on a white background")
    assert await members.violations() == []
