"""Command names, descriptions, options and choices in Discord's languages, from the catalogues."""

from __future__ import annotations

import logging
import re

import discord
from discord import app_commands
from discord.app_commands import TranslationContextLocation as Place

from core.words import ENGLISH, language_of, pgettext, speaking

#: What each kind of text is in the catalogues: Discord has rules for each.
_CONTEXTS = {
    Place.command_name: "command",
    Place.group_name: "command",
    Place.parameter_name: "command",
    Place.command_description: "description",
    Place.group_description: "description",
    Place.parameter_description: "description",
    Place.choice_name: "choice",
}
#: What Discord takes as such: https://discord.com/developers/docs/interactions/application-commands
_FITS = {
    "command": re.compile(r"(?!.*[A-Z])[-_\w]{1,32}"),
    "menu": re.compile(r".{1,32}"),
    "description": re.compile(r".{1,100}"),
    "choice": re.compile(r".{1,100}"),
}

logger = logging.getLogger(__name__)


class CommandTranslator(app_commands.Translator):
    """Asked for every text of every command, in each of Discord's locales, when they are registered."""

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        language = language_of(locale.value)
        if language == ENGLISH:
            return None
        place = context_of(context)
        with speaking(language):
            translated = pgettext(place, string.message)
        if not _FITS[place].fullmatch(translated):
            # Discord would refuse all commands for it.
            logger.warning("%s: Discord does not take %r as %s", language, translated, place)
            return None
        return translated if translated != string.message else None


def context_of(context: app_commands.TranslationContextTypes) -> str:
    """Under which `msgctxt` the catalogues have such texts."""
    if isinstance(context.data, app_commands.ContextMenu):
        return "menu"
    return _CONTEXTS[context.location]
