"""`python -m launch.words`: bring the catalogues (`locale/*.po`) up to what the code and the commands say.

New texts come in untranslated, changed ones count as new, those that nobody says any more go. A new language
is an empty file `locale/<language>.po`, which this fills.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import discord
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po
from discord import app_commands

from actions.studio import Studio
from bot.client import Atelier
from bot.translator import context_of
from core.settings import load_settings
from core.words import LOCALE, languages

#: Where people are spoken to.
FOLDERS = ("actions", "bot", "core", "db", "models", "workers")

#: Functions that take a text, and which of their arguments it is.
SPEAKING: Mapping[str, Any] = {"_": None, "N_": None, "ngettext": (1, 2)}
#: Functions that name an option to the member; one that no command has is collected as a text.
NAMING: Mapping[str, Any] = {
    **dict.fromkeys(("BadOption", "whole_number", "decimal_number", "named", "clean_text"), (1,)),
    **dict.fromkeys(("check_number", "check_image", "read_duration"), (1,)),
}

#: The catalogues don't say when they were written, so that nothing changes but texts.
_NO_TIME = datetime(2026, 1, 1, tzinfo=UTC)

_HEADER = """\
# Atelier in one language. Keep what is in {braces}, `backticks` and **stars**.
# A `/command` or an **option** bears the name that it has in this language.
# Discord's rules, by msgctxt:
#   command      names of commands and options: lower case, 1 to 32 letters,
#                digits, - and _; unlike those beside it
#   menu         1 to 32 characters, spaces too
#   description  1 to 100 characters
#   choice       1 to 100 characters
# Forms (bot/panel_forms.py, bot/modals.py) have room for 45 characters.
"""


def collect() -> Catalog:
    """Every text that the bot can say, untranslated."""
    template = Catalog(charset="utf-8", creation_date=_NO_TIME)
    named = _command_texts()
    for context, text in sorted(named):
        template.add(text, context=context, locations=[("bot/cogs", 0)])
    for file, text, comments in _texts(SPEAKING):
        template.add(text, locations=[(file, 0)], auto_comments=comments)
    for file, text, _ in _texts(NAMING):
        if ("command", text) not in named:
            template.add(text, locations=[(file, 0)])
    return template


def update(language: str, template: Catalog, folder: Path = LOCALE) -> Catalog:
    """Write the language's catalogue anew, with the translations that it has."""
    path = folder / f"{language}.po"
    with path.open("rb") as source:
        known = read_po(source, locale=language)
    known.creation_date = known.revision_date = _NO_TIME
    known.header_comment, known.fuzzy = _HEADER, False
    known.project, known.version = "Atelier", "1"
    known.msgid_bugs_address = known.last_translator = known.language_team = "Atelier"
    known.update(template, no_fuzzy_matching=True)
    with path.open("wb") as target:
        write_po(target, known, width=110, ignore_obsolete=True, sort_by_file=True, include_lineno=False)
    return known


def missing(catalogue: Catalog) -> list[str]:
    """Texts that it has no translation of, or an uncertain one."""
    return [
        str(message.id)
        for message in catalogue
        if message.id and (message.fuzzy or not _is_whole(message.string))
    ]


def main() -> int:
    template = collect()
    for language in languages()[1:]:
        left = len(missing(update(language, template)))
        print(f"{language}: {len(template)} texts, {left} to translate")
    return 0


def _is_whole(translation: str | tuple[str, ...]) -> bool:
    parts = (translation,) if isinstance(translation, str) else translation
    return bool(parts) and all(part.strip() for part in parts)


def _texts(keywords: Mapping[str, Any]) -> list[tuple[str, str | tuple[str, ...], list[str]]]:
    """(file, text or its singular and plural, comments for translators) in the order of the code."""
    root = LOCALE.parent
    found = []
    for folder in FOLDERS:
        for file, _, text, comments, _ in extract_from_dir(
            root / folder, keywords=keywords, comment_tags=("Translators:",), strip_comment_tags=True
        ):
            if text and all(text):
                found.append((f"{folder}/{file}", text, comments))
    return found


class _Recorder(app_commands.Translator):
    """Notes what Discord would have translated."""

    def __init__(self) -> None:
        self.texts: set[tuple[str, str]] = set()

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,  # noqa: ARG002
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        # "2×" is the same everywhere.
        if any(letter.isalpha() for letter in string.message):
            self.texts.add((context_of(context), string.message))
        return None


def command_payloads(translator: app_commands.Translator) -> list[dict[str, Any]]:
    """All commands and menus as Discord gets them."""

    async def translated() -> list[dict[str, Any]]:
        # No command is used here, so none needs a studio.
        client = Atelier(cast(Studio, None), load_settings({}))
        await client.add_commands()
        commands = client.tree.get_commands()
        payloads = [await command.get_translated_payload(client.tree, translator) for command in commands]
        await client.close()
        return payloads

    return asyncio.run(translated())


def _command_texts() -> set[tuple[str, str]]:
    """(context, text) of the command tree."""
    recorder = _Recorder()
    command_payloads(recorder)
    return recorder.texts


if __name__ == "__main__":
    sys.exit(main())
