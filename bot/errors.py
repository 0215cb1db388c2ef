"""The one place where an error becomes words for the member."""

from __future__ import annotations

import logging
import secrets

import aiohttp
import discord
from discord import app_commands

from bot.text import MESSAGE_LENGTH
from core.errors import Refusal
from core.text import shorten

logger = logging.getLogger(__name__)


async def answer_error(interaction: discord.Interaction, error: BaseException) -> None:
    """Tell the person alone what went wrong: a refusal in its own words, anything else by an id."""
    if isinstance(error, app_commands.CommandInvokeError):
        error = error.original
    if isinstance(error, Refusal):
        text = str(error)
    elif isinstance(error, app_commands.AppCommandError):
        text = "That command doesn't fit here. It may be newer than this bot; please try again in a minute."
        logger.warning("A command could not be read: %s", error)
    else:
        error_id = secrets.token_hex(4)
        logger.error("Error %s in interaction %s", error_id, interaction.id, exc_info=error)
        text = f"Sorry, something went wrong here. Please try again, or tell the owner `{error_id}`."
    await say_privately(interaction, text)


async def say_privately(interaction: discord.Interaction, text: str) -> None:
    """Answer so that only the person sees it, whether the interaction was acknowledged before or not."""
    text = shorten(text, MESSAGE_LENGTH)
    try:
        if interaction.response.is_done():
            await interaction.followup.send(text, ephemeral=True)
        else:
            await interaction.response.send_message(text, ephemeral=True)
    except (discord.HTTPException, aiohttp.ClientError) as error:
        logger.warning("Interaction %s could not be answered: %s", interaction.id, error)
