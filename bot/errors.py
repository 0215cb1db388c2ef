"""The one place where an error becomes words for the member."""

from __future__ import annotations

import logging
import secrets
from typing import Any

import aiohttp
import discord
from discord import app_commands

from bot.text import MESSAGE_LENGTH
from core.errors import Refusal
from core.text import shorten
from core.words import _

logger = logging.getLogger(__name__)


class AskedBack(Refusal):
    """A refusal that comes with buttons by which the person goes on."""

    def __init__(self, text: str, view: discord.ui.View) -> None:
        self.view = view
        super().__init__(text)


async def answer_error(interaction: discord.Interaction, error: BaseException) -> None:
    """Tell the person alone what went wrong."""
    original = error.original if isinstance(error, app_commands.CommandInvokeError) else error
    view = original.view if isinstance(original, AskedBack) else None
    await say_privately(interaction, error_text(error), view=view)


def error_text(error: BaseException) -> str:
    """What to tell of an error: a refusal in its own words, anything else, which is logged, by an id."""
    if isinstance(error, app_commands.CommandInvokeError):
        error = error.original
    if isinstance(error, Refusal):
        return str(error)
    if isinstance(error, app_commands.AppCommandError):
        logger.warning("A command could not be read: %s", error)
        return _(
            "That command doesn't fit here. It may be newer than this bot; please try again in a minute."
        )
    error_id = secrets.token_hex(4)
    logger.error("Error %s", error_id, exc_info=error)
    return _(
        "Sorry, something went wrong here. Please try again, or tell the owner `{error_id}`.",
        error_id=error_id,
    )


async def say_privately(
    interaction: discord.Interaction,
    text: str = "",
    *,
    embed: discord.Embed | None = None,
    view: discord.ui.View | None = None,
) -> None:
    """Answer so that only the person sees it, whether the interaction was acknowledged before or not."""
    shown: dict[str, Any] = {"content": shorten(text, MESSAGE_LENGTH)}
    shown |= {name: part for name, part in (("embed", embed), ("view", view)) if part is not None}
    try:
        if interaction.response.is_done():
            await interaction.followup.send(**shown, ephemeral=True)
        else:
            await interaction.response.send_message(**shown, ephemeral=True)
    except (discord.HTTPException, aiohttp.ClientError) as error:
        logger.warning("Interaction %s could not be answered: %s", interaction.id, error)
