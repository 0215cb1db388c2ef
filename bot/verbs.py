"""All that can be done with a job: by button, by reaction, and from a message's menu.

A verb is one class, `JobButton` or one of its kin; here it is listed, once. Rights are checked by the action
behind it, at every press.
"""

from __future__ import annotations

from typing import Any

import discord

from bot.buttons import BUTTONS, Info, JobButton, Report, Rerun
from bot.gallery_buttons import GALLERY_ITEMS, Publish
from bot.items import LastingItem
from bot.picture_buttons import PICTURE_BUTTONS, UpscaleOne, UseOne
from bot.tools import PictureMenu, Tools

VERBS: tuple[type[JobButton], ...] = (*BUTTONS, Publish, UpscaleOne, UseOne, Tools)

#: The client answers these, however old the message is that they stand under.
ITEMS: tuple[type[LastingItem[Any]], ...] = (*VERBS, PictureMenu, *PICTURE_BUTTONS, *GALLERY_ITEMS)

#: The menu of a message, by the names of Discord's five commands.
MENU: dict[str, type[JobButton]] = {
    "Image info": Info,
    "Use as input": UseOne,
    "Upscale": UpscaleOne,
    "Rerun": Rerun,
    "Report": Report,
}


def verb_of(emoji: str) -> type[JobButton] | None:
    """What a reaction with this emoji asks for; None for those that ask for nothing."""
    # Phones add the variation selector to some emoji, and leave it out of others.
    meant = emoji.replace("\ufe0f", "")
    reactions = (verb for verb in VERBS if verb.by_reaction)
    return next((verb for verb in reactions if verb.emoji.replace("\ufe0f", "") == meant), None)


def job_id_in(message: discord.Message) -> str | None:
    """Id of the job that a message's buttons are about; None where it has none."""
    rows = (getattr(row, "children", []) for row in message.components)
    ids = [getattr(item, "custom_id", None) or "" for row in rows for item in row]
    patterns = [item.__discord_ui_compiled_template__ for item in ITEMS]
    matches = (pattern.fullmatch(custom_id) for custom_id in ids for pattern in patterns)
    return next((match["job"] for match in matches if match), None)
