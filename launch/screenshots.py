"""`make screenshots`: the README's pictures, taken from a local Discord while its members make pictures."""

from __future__ import annotations

import asyncio
import io
import re
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from core.errors import AtelierError
from launch.browser import SCREENS, running_browser
from launch.trial import NotDelivered, running_trial
from sandbox.client import LocalClient
from sandbox.seen import SeenMessage

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

IMAGES = Path(__file__).parents[1] / "docs" / "images"
CHANNEL = "studio"
PATIENCE_S = 120.0
LARGEST_BYTES = 300_000
SOME_PROGRESS = "▰▰▰▰▰"


def main() -> int:
    try:
        asyncio.run(_take_all())
    except (AtelierError, OSError) as error:
        print(f"No pictures were taken: {error}", file=sys.stderr)
        return 1
    return 0


async def _take_all() -> None:
    with tempfile.TemporaryDirectory() as directory:
        async with running_browser() as browser, running_trial(Path(directory)) as trial:
            await _conversation(trial.members)
            async with _looking(browser, trial.url, "desktop", "ana") as page:
                await _type_a_command(page)
                _keep(await page.screenshot(), "page-desktop.webp")
            async with _looking(browser, trial.url, "phone", "ben") as page:
                await _ask(
                    trial.members, "ben", "a yellow star on a blue background --steps 100", count=4, seed=2026
                )
                await page.get_by_role("article").filter(has_text=SOME_PROGRESS).wait_for()
                await page.get_by_role("img", name=re.compile("^Preview at step")).wait_for()
                _keep(await page.screenshot(), "page-phone.webp")


async def _conversation(members: LocalClient) -> None:
    """What has been going on in the channel."""
    hearts = await _picture(members, "chloe", "a red heart on a pink background", seed=2026)
    await members.react("ben", hearts.id, "❤️")
    await members.react("ana", hearts.id, "❤️")
    await members.say("ben", CHANNEL, "lovely! my turn")
    await _picture(members, "ben", "three purple diamonds on a white background", seed=2026, count=4)


async def _picture(members: LocalClient, member: str, prompt: str, **options: int) -> SeenMessage:
    """A member's picture, once it is there. Raises NotDelivered where the bot says something else."""
    asked = await _ask(members, member, prompt, **options)

    def ended(message: SeenMessage) -> bool:
        return any(button["custom_id"].startswith("rerun:") for button in message.buttons)

    message = await members.wait_for(CHANNEL, ended, interaction=asked, timeout_s=PATIENCE_S)
    if not message.attachments:
        raise NotDelivered(f"the bot answered: {message.text}")
    return message


async def _ask(members: LocalClient, member: str, prompt: str, **options: int) -> int:
    return await members.slash(member, CHANNEL, "imagine", {"prompt": prompt, **options})


@asynccontextmanager
async def _looking(browser: Browser, url: str, screen: str, member: str) -> AsyncIterator[Page]:
    """The channel on a member's screen, twice as fine as its size for those who look closely."""
    look = SCREENS[screen] | {"device_scale_factor": 2, "reduced_motion": "reduce"}
    async with await browser.new_context(**look) as context:
        context.set_default_timeout(PATIENCE_S * 1000)
        page = await context.new_page()
        await page.goto(f"{url}/?as={member}&in={CHANNEL}")
        await page.get_by_role("article").last.wait_for()
        yield page


async def _type_a_command(page: Page) -> None:
    """A command that is about to be sent."""
    await page.get_by_role("combobox", name=f"Message #{CHANNEL}").fill("/imagine ")
    await page.get_by_role("combobox", name="prompt").fill("a green square above an orange circle")
    await page.get_by_role("combobox", name=re.compile("^Add an option")).fill("count")
    await page.keyboard.press("Enter")
    await page.get_by_role("combobox", name="count").fill("4")


def _keep(picture: bytes, name: str) -> None:
    """Write one picture as WebP. Raises OSError where it is too large for a README."""
    with Image.open(io.BytesIO(picture)) as image:
        image.convert("RGB").save(IMAGES / name, quality=85, method=6)
    size = (IMAGES / name).stat().st_size
    if size > LARGEST_BYTES:
        raise OSError(f"docs/images/{name} has {size} bytes, which is more than {LARGEST_BYTES}.")
    print(f"docs/images/{name}: {size // 1000} kB")


if __name__ == "__main__":
    sys.exit(main())
