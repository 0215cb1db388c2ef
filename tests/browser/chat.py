"""What a person does on the page, by what they see or hear: roles and names, never the page's own classes."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.async_api import Locator, Page, expect

#: Reads a file as if it were dragged from the desktop: a page's script may not make a path into a file.
_DRAGGED = """([name, kind, bytes]) => {
  const dragged = new DataTransfer();
  dragged.items.add(new File([new Uint8Array(bytes)], name, { type: kind }));
  return dragged;
}"""


class Chat:
    """One open page."""

    def __init__(self, page: Page, screen: str, *, member: str, place: str) -> None:
        self.page = page
        self.is_phone = screen == "phone"
        self.member = member
        self.place = place

    @property
    def line(self) -> Locator:
        """Where one writes a message or, after a slash, a command."""
        return self.page.get_by_role("combobox", name=f"Message {self.place}")

    @property
    def dialog(self) -> Locator:
        """A form that the bot opened."""
        return self.page.get_by_role("dialog")

    def message(self, text: str | re.Pattern[str]) -> Locator:
        """The newest message that holds a text."""
        return self.page.get_by_role("article").filter(has_text=text).last

    def pictures(self) -> Locator:
        """Every message with a finished picture: one to look at, and to rerun."""
        looked_at = self.page.get_by_role("button", name=re.compile("^Open "))
        rerun = self.page.get_by_role("button", name="Rerun")
        return self.page.get_by_role("article").filter(has=looked_at).filter(has=rerun)

    def choice(self, name: str | re.Pattern[str]) -> Locator:
        """A line of the list that is open."""
        return self.page.get_by_role("option", name=name)

    async def keys(self, *keys: str) -> None:
        """Press one key after another."""
        for key in keys:
            await self.page.keyboard.press(key)

    async def begin(self, command: str) -> None:
        """Type a command's name and take it from the list."""
        await self.line.click()
        await self.page.keyboard.type(f"/{command}")
        await self.choice(f"/{command} ").first.wait_for()
        await self.keys("Enter")
        form = self.page.get_by_role("form", name=f"Command /{command}")
        await form.locator(":focus").wait_for()

    async def add_option(self, name: str) -> None:
        """Take one of the command's other options from the list, which has the keyboard's attention then."""
        await self.page.get_by_role("combobox", name=re.compile("^Add an option")).press_sequentially(name)
        await self.choice(re.compile(rf"^{name}\b")).wait_for()
        await self.keys("Enter")
        await expect(self.page.get_by_role("combobox", name=name, exact=True)).to_be_focused()

    async def imagine(self, prompt: str) -> None:
        """`/imagine` with a prompt alone."""
        await self.begin("imagine")
        await self.page.keyboard.type(prompt)
        await self.keys("Enter")

    async def say(self, text: str) -> None:
        """Write a message for everyone, with the files that wait to be sent."""
        await self.line.fill(text)
        await self.keys("Enter")

    async def press(self, message: Locator, button: str | re.Pattern[str]) -> None:
        await message.get_by_role("button", name=button).click()

    async def message_menu(self, message: Locator) -> Locator:
        """What can be done with a message: a right click, or on a phone a long press."""
        await (self._long_press(message) if self.is_phone else message.click(button="right"))
        menu = self.page.get_by_role("menu")
        await menu.wait_for()
        return menu

    async def react(self, message: Locator, words: str) -> None:
        """Add the first reaction that a few words find."""
        await (await self.message_menu(message)).get_by_role("menuitem", name="Add reaction").click()
        await self.dialog.get_by_role("textbox", name="Find a reaction").fill(words)
        await self.keys("Enter")

    async def go_to(self, place: str) -> None:
        """Open a channel or direct messages from the list, which a phone keeps in a drawer."""
        if self.is_phone:
            await self.page.get_by_role("button", name="Channels").click()
        places = self.page.get_by_role("navigation", name="Channels")
        await places.get_by_role("button", name=re.compile(rf"^{re.escape(place)}(,|$)")).click()
        await self.page.get_by_role("heading", name=place, level=1).wait_for()

    async def drop_file(self, target: Locator, path: Path, kind: str) -> None:
        """Drag a file from the desktop and let go over something."""
        dragged = await self.page.evaluate_handle(_DRAGGED, [path.name, kind, list(path.read_bytes())])
        for event in ("dragenter", "dragover", "drop"):
            await target.dispatch_event(event, {"dataTransfer": dragged})

    async def _long_press(self, message: Locator) -> None:
        await message.scroll_into_view_if_needed()
        box = await message.bounding_box()
        assert box is not None
        point = {"identifier": 0, "clientX": box["x"] + 40, "clientY": box["y"] + box["height"] / 2}
        await message.dispatch_event("touchstart", {"touches": [point], "changedTouches": [point]})
        await self.page.get_by_role("menu").wait_for()
        await message.dispatch_event("touchend", {"touches": [], "changedTouches": [point]})
