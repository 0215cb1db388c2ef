"""What the page makes of a bot's commands and forms: a discord.py bot that does a little of everything."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import discord
import pytest
import pytest_asyncio
import yarl
from playwright.async_api import Browser, Route, expect

from sandbox.client import LocalClient
from sandbox.testing import LocalDiscord
from tests.browser.chat import Chat
from tests.browser.room import Room
from tests.sandbox.conftest import SampleBot, png

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(600)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def members(browser: Browser) -> AsyncIterator[LocalClient]:  # noqa: ARG001 (skips before anything starts)
    """A local Discord with the sample bot in it, in place of the whole studio."""
    async with LocalDiscord.run() as local, SampleBot() as bot:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(discord.http.Route, "BASE", local.api_url)
            patch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(local.gateway_url))
            running = asyncio.create_task(bot.start("token"))
            await local.client.wait_for_bot(command="imagine", timeout_s=60)
            yield local.client
            await bot.close()
            await running
        assert await local.client.violations() == []


async def test_a_file_is_dragged_into_a_message(chat: Chat, room: Room, tmp_path: Path) -> None:
    picture = tmp_path / "mine.png"
    picture.write_bytes(png())
    await chat.drop_file(chat.line, picture, "image/png")
    await expect(chat.page.get_by_role("list", name="Files to send")).to_contain_text("mine.png")
    await chat.page.get_by_role("button", name="Send", exact=True).click()
    await chat.page.get_by_role("img", name="mine.png").wait_for()
    [message] = await room.members.messages(room.name)
    assert await room.members.download(message.attachments[0]) == png()


async def test_a_wrong_number_is_told_before_anything_is_sent(chat: Chat) -> None:
    await chat.begin("imagine")
    await chat.page.keyboard.type("a fox")
    await chat.keys("Tab")
    await chat.add_option("steps")
    await chat.page.keyboard.type("51")
    await chat.keys("Enter")
    await expect(chat.page.get_by_role("alert")).to_contain_text(
        "steps takes a number from 1 to 50; 51 is not"
    )
    await chat.keys("Backspace", "Backspace", "5", "Enter")
    await chat.message("a fox None 5 0").wait_for()


async def test_a_form_takes_a_text_a_choice_and_a_file(chat: Chat, room: Room, tmp_path: Path) -> None:
    other = await room.enter("lou")
    picture = tmp_path / "mine.png"
    picture.write_bytes(png())
    await chat.imagine("a fox")
    await chat.press(chat.message("a fox"), "Advanced")
    await chat.dialog.get_by_role("textbox", name="Steps").fill("30")
    await chat.dialog.get_by_role("button", name=re.compile("^Sampler")).click()
    await chat.choice("DDIM").click()
    await chat.dialog.get_by_label("Image").set_input_files(picture)
    await expect(chat.dialog).to_contain_text("mine.png")
    await chat.dialog.get_by_role("button", name="Submit").click()
    await chat.message(f"steps 30 DDIM [{len(png())}]").wait_for()
    await expect(chat.message("Only you can see this")).to_contain_text("steps 30")
    await chat.say("that was all")
    await other.message("that was all").wait_for()
    await expect(other.page.get_by_text("steps 30")).to_have_count(0)


async def test_commands_are_offered_by_what_a_member_may(chat: Chat) -> None:
    await chat.line.press_sequentially("/m")
    # What everyone may use says that the commands are here.
    await chat.choice("/imagine ").wait_for()
    await expect(chat.choice("/moderate ")).to_have_count(0)
    await chat.line.press_sequentially("od")
    await chat.page.get_by_role("status").filter(has_text="No command is called /mod").wait_for()


async def test_no_command_is_called_unknown_before_the_commands_are_known(chat: Chat) -> None:
    known = asyncio.Event()

    async def hold(route: Route) -> None:
        await known.wait()
        await route.continue_()

    await chat.page.route("**/local/commands", hold)
    await chat.page.reload()
    await chat.line.press_sequentially("/imag")
    await expect(chat.page.get_by_text("No command is called")).to_have_count(0)
    known.set()
    await chat.choice("/imagine ").wait_for()


async def test_a_moderator_is_offered_more_and_deletes_what_another_said(chat: Chat, room: Room) -> None:
    await chat.say("buy my pictures")
    moderator = await room.enter_as("maya")
    menu = await moderator.message_menu(moderator.message("buy my pictures"))
    await menu.get_by_role("menuitem", name="Delete message").click()
    await expect(chat.page.get_by_role("article")).to_have_count(0)
    await moderator.line.press_sequentially("/mod")
    await moderator.choice("/moderate ").wait_for()


async def test_a_fault_of_the_panel_meets_the_next_command(chat: Chat) -> None:
    await chat.page.get_by_role("button", name="Faults").click()
    panel = chat.page.get_by_role("complementary", name="Faults")
    await panel.get_by_role("combobox", name="To", exact=True).select_option("events")
    await panel.get_by_role("combobox", name="What", exact=True).select_option("lose")
    await panel.get_by_role("combobox", name="Where", exact=True).select_option("EVENT INTERACTION_CREATE")
    await panel.get_by_role("button", name="Let it happen").click()
    await expect(panel.get_by_role("listitem")).to_contain_text("lose × 1")
    await panel.get_by_role("button", name="Close").click()
    await chat.imagine("a fox")
    await chat.page.get_by_role("alert").filter(has_text="The application did not respond").wait_for()
    await chat.imagine("an owl")
    await chat.message("an owl None 20 0").wait_for()


async def test_a_covered_picture_is_uncovered_and_looked_at_with_its_neighbour(
    chat: Chat, tmp_path: Path
) -> None:
    for name in ("SPOILER_first.png", "second.png"):
        (tmp_path / name).write_bytes(png())
        await chat.drop_file(chat.line, tmp_path / name, "image/png")
    await chat.say("two pictures")
    message = chat.message("two pictures")
    await expect(message.get_by_role("img", name="SPOILER_first.png")).to_have_count(0)
    await chat.press(message, "Spoiler: press to reveal")
    await message.get_by_role("img", name="SPOILER_first.png").wait_for()
    await chat.press(message, "Open SPOILER_first.png")
    await expect(chat.dialog).to_contain_text("1 of 2")
    await chat.keys("ArrowRight")
    await chat.dialog.get_by_role("img", name="second.png").wait_for()
    await chat.keys("Escape")
    await expect(chat.dialog).to_have_count(0)
