"""The bot speaks each member's language, and before everybody the server's."""

from __future__ import annotations

import discord
import pytest
from discord import app_commands

from bot.translator import CommandTranslator
from sandbox.seen import Json
from tests.bot.studio import Town

pytestmark = pytest.mark.usefixtures("bot")


async def test_a_german_member_reads_german(town: Town) -> None:
    await town.members.set_locale("ana", "de")
    await town.imagine("--seed 5")
    await town.until_told("**beschreibung** kann nicht", "sag, was das Bild zeigen soll")
    # Others go on in their own.
    await town.imagine("--seed 5", "ben")
    await town.until_told("**prompt** can't be", "say what the picture shows", member="ben")


async def test_before_everybody_the_server_s_language_is_spoken(town: Town) -> None:
    await town.members.set_guild_locale("de")
    seen = await town.imagine("a red fox")
    assert "Als Nächstes dran" in (await town.message(seen)).text
    claimed = town.worker.claim()
    assert claimed.job.language == "de"
    town.worker.fail(claimed, "…")
    await town.until(seen, "Das konnte nicht gemacht werden", "Credit ist zurück auf deinem Konto")


async def test_a_press_is_answered_in_the_language_of_who_pressed(town: Town) -> None:
    await town.members.set_locale("ana", "de")
    seen = await town.imagine("a red fox")
    message = await town.message(seen)
    assert "Next in line" in message.text, "what everybody sees is in the server's language"
    await town.press(message, "cancel")
    await town.until_told("Abgebrochen.")
    await town.until(seen, "Cancelled.")


async def test_commands_have_german_names(town: Town) -> None:
    commands: list[Json] = await town.members.commands("ana", "studio")
    imagine = next(command for command in commands if command["name"] == "imagine")
    assert imagine["name_localizations"]["de"] == "zeichne"
    assert imagine["description_localizations"]["de"] == "Ein Bild aus Worten machen"
    names = [option["name_localizations"]["de"] for option in imagine["options"] if option["name"] == "size"]
    assert names == ["größe"]


async def test_a_translation_that_discord_would_refuse_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    where = app_commands.TranslationContext(app_commands.TranslationContextLocation.command_description, None)
    text, german = app_commands.locale_str("Make a picture"), discord.Locale.german
    for translated, taken in (("Zeichne ein Bild", True), ("Zeichne " * 20, False), ("", False)):
        monkeypatch.setattr("bot.translator.pgettext", lambda _context, _text, said=translated: said)
        assert await CommandTranslator().translate(text, german, where) == (translated if taken else None)
