"""Chromium without a window, for the page's tests and the README's pictures."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import AtelierError

if TYPE_CHECKING:
    from playwright.async_api import Browser

#: What Playwright's new_context takes for each kind of screen; sizes in CSS pixels.
SCREENS: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1280, "height": 800}},
    "phone": {
        "viewport": {"width": 390, "height": 844},
        "is_mobile": True,
        "has_touch": True,
        "device_scale_factor": 2,
    },
}
#: Debian's name first, then what others call it.
_NAMES = ("chromium", "chromium-browser", "google-chrome")
WHAT_WOULD_DO = "apt-get install chromium"


class NoBrowser(AtelierError):
    """There is no Chromium on this machine."""


def chromium() -> Path | None:
    """Where this machine has Chromium or Chrome; None where it has neither."""
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    return Path(found) if found else None


@asynccontextmanager
async def running_browser() -> AsyncIterator[Browser]:
    """A browser that is closed at the end. Raises NoBrowser."""
    from playwright.async_api import async_playwright

    path = chromium()
    if path is None:
        raise NoBrowser(f"There is no Chromium here: {WHAT_WOULD_DO}.")
    async with async_playwright() as playwright:
        # Where the machine gives /dev/shm little room (containers do), Chromium's pages would crash.
        browser = await playwright.chromium.launch(
            executable_path=path, args=["--disable-dev-shm-usage", "--font-render-hinting=none"]
        )
        try:
            yield browser
        finally:
            await browser.close()
