"""What greets whoever opens the demo's page: a message that says what to type, and the page itself."""

from __future__ import annotations

import os
import webbrowser
from collections.abc import Mapping

from sandbox.client import LocalClient

WELCOME = """\
**Welcome to Atelier!** 👋 This is a Discord of your own: nobody else is here, so try everything.

Type `/imagine`, press Tab, and say what you want to see, such as `a red heart on a white background`.

Below each picture: 🔁 draws the same one again, 🎲 another one, ✏️ the same in your words.
`/history` shows all of yours. The picture below is the first one."""


async def welcome(members: LocalClient, channel: str) -> None:
    """Post the first message, as the server's owner."""
    await members.say("olive", channel, WELCOME)


def open_page(url: str, environment: Mapping[str, str] = os.environ) -> bool:
    """Show the page where somebody sits before a screen; True when a browser was started."""
    return has_display(environment) and webbrowser.open(url)


def has_display(environment: Mapping[str, str]) -> bool:
    """Whether a window can appear, and somebody is there to see it."""
    in_ci = environment.get("CI", "").lower() in ("1", "true")
    return not in_ci and bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))
