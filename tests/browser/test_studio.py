"""The studio in a browser: members make pictures, change them, talk and look after themselves."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Browser, Locator, expect

from sandbox.seen import SeenMessage
from tests.browser.chat import Chat
from tests.browser.room import Room, open_page

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow, pytest.mark.timeout(600)]

PROMPT = "a red circle on a white background"
#: Slow enough to be watched.
WATCHED = f"{PROMPT} --steps 150"


async def drawn(room: Room, pictures: int) -> list[SeenMessage]:
    """The room's messages with a picture, as their members see them."""
    found = [message for message in await room.members.messages(room.name) if message.attachments]
    assert len(found) == pictures
    return found


async def test_a_newcomer_makes_reruns_and_remixes_a_picture_and_finds_it_again(
    browser: Browser, demo: str
) -> None:
    """Whoever ran `make demo` and opened the address needs to read nothing but the page."""
    async with open_page(browser, "desktop", demo) as page:
        chat = Chat(page, "desktop", member="ana", place="#studio")
        # The first message says what to type, and the demo's own picture comes below it.
        await expect(chat.message("Welcome to Atelier")).to_contain_text("/imagine")
        await expect(chat.pictures()).to_have_count(1)
        await chat.imagine("a red heart on a white background")
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


async def test_a_command_typed_with_its_choices_is_watched_until_the_picture_is_there(chat: Chat) -> None:
    await chat.begin("imagine")
    await chat.page.keyboard.type(WATCHED)
    await chat.keys("Tab")
    await chat.add_option("model")
    await chat.page.keyboard.type("sta")
    await expect(chat.choice(re.compile("starter", re.IGNORECASE)).first).to_have_attribute(
        "aria-selected", "true"
    )
    await chat.keys("Enter")
    await chat.add_option("style")
    await chat.choice(re.compile(".")).first.wait_for()
    await chat.keys("ArrowDown", "ArrowUp", "Enter")
    await chat.add_option("count")
    await chat.page.keyboard.type("2")
    await chat.keys("Enter")
    answer = chat.message(chat.member)
    await answer.get_by_text(re.compile(r"\d+/\d+")).wait_for()
    await answer.get_by_role("img", name=re.compile("^Preview at step")).wait_for()
    await expect(chat.pictures()).to_have_count(1)


async def test_a_rerun_is_the_same_picture(chat: Chat, room: Room) -> None:
    await chat.imagine(PROMPT)
    await chat.press(chat.pictures(), "Rerun")
    await expect(chat.pictures()).to_have_count(2)
    first, again = [await room.members.download(message.attachments[0]) for message in await drawn(room, 2)]
    assert first == again


async def test_the_advanced_form_is_filled_and_its_member_alone_is_told_so(chat: Chat, room: Room) -> None:
    other = await room.enter("lou")
    await chat.begin("imagine")
    await chat.page.keyboard.type(PROMPT)
    await chat.keys("Tab")
    await chat.add_option("advanced")
    await chat.choice("True").wait_for()
    await chat.keys("Enter", "Enter")
    panel = chat.message("Only you can see this")
    await chat.press(panel, re.compile("Steps and guidance"))
    await expect(chat.dialog.get_by_role("heading")).to_contain_text("Steps")
    await chat.dialog.get_by_label(re.compile("^Steps")).fill("7")
    await chat.keys("Enter")
    await expect(chat.dialog).to_have_count(0)
    await choose(panel, "Sampler", "Euler a")
    await chat.say("Nearly there")
    await other.message("Nearly there").wait_for()
    await expect(other.page.get_by_role("article")).to_have_count(1)
    await chat.press(panel, "Make it")
    await expect(other.pictures()).to_have_count(1)
    menu = await chat.message_menu(chat.pictures())
    await menu.get_by_role("menuitem", name="Apps").click()
    await chat.page.get_by_role("menuitem", name="Image info").click()
    told = chat.message("Only you can see this")
    await expect(told).to_contain_text("Euler a")
    await expect(told).to_contain_text("7 steps")
    await chat.say("That was all")
    await other.message("That was all").wait_for()
    await expect(other.page.get_by_text("7 steps")).to_have_count(0)


async def choose(message: Locator, menu: str, value: str) -> None:
    await message.get_by_role("button", name=re.compile(f"^{menu}")).click()
    await message.page.get_by_role("option", name=value, exact=True).click()
    await expect(message.get_by_role("button", name=re.compile(f"^{menu}.*{value}"))).to_be_visible()


async def test_reactions_of_two_members_are_counted(chat: Chat, room: Room) -> None:
    other = await room.enter("lou")
    await chat.say("Look what I made")
    await chat.react(chat.message("Look what I made"), "heart")
    theirs = other.message("Look what I made").get_by_role("button", name=re.compile(f", 1: {chat.member}"))
    await theirs.click()
    mine = chat.message("Look what I made").get_by_role("button", name=re.compile(", 2: "))
    await expect(mine).to_have_attribute("aria-pressed", "true")
    await mine.click()
    await expect(mine).to_have_count(0)


async def test_the_bot_draws_in_direct_messages(chat: Chat) -> None:
    await chat.go_to("Atelier")
    chat.place = "@Atelier"
    await chat.imagine(PROMPT)
    await expect(chat.pictures()).to_have_count(1)


async def test_a_file_is_dragged_into_a_command(chat: Chat, room: Room, tmp_path: Path) -> None:
    source = tmp_path / "orange.png"
    Image.new("RGB", (128, 128), "orange").save(source)
    await chat.begin("img2img")
    await chat.page.keyboard.type("an orange circle")
    command = chat.page.get_by_role("form", name="Command /img2img")
    await chat.drop_file(command, source, "image/png")
    await expect(command).to_contain_text("orange.png")
    await command.get_by_role("button", name="Send").click()
    await expect(chat.pictures()).to_have_count(1)
    await drawn(room, 1)
