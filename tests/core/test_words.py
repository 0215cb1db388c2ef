"""Words in a person's language: what is spoken, for whom, and what happens where a text is missing."""

from __future__ import annotations

import asyncio

import pytest

from core.errors import BadOption
from core.words import _, language_of, languages, ngettext, pgettext, speaking, spoken


def test_what_is_spoken_is_spoken_below_and_no_longer() -> None:
    async def told() -> str:
        return await asyncio.to_thread(_, "🚫 Cancelled.")

    with speaking("de"):
        assert spoken() == "de"
        assert asyncio.run(told()) == "🚫 Abgebrochen."
        with speaking("en"):
            assert _("🚫 Cancelled.") == "🚫 Cancelled."
    assert spoken() == "en"


def test_values_are_filled_in_and_numbers_agree() -> None:
    with speaking("de"):
        assert _("Number {number} in line", number=3) == "Nummer 3 in der Schlange"
        assert ngettext("{number} credit", "{number} credits", 1) == "1 Credit"
        assert ngettext("{number} credit", "{number} credits", 2) == "2 Credits"
        assert pgettext("command", "imagine") == "zeichne"


def test_a_text_without_a_translation_stays_english() -> None:
    with speaking("de"):
        assert _("a text of this test, {name}", name=3) == "a text of this test, 3"
        assert _("braces {stay} without values") == "braces {stay} without values"


def test_an_option_is_named_as_discord_shows_it() -> None:
    with speaking("de"):
        assert str(BadOption("size", "x", "…")) == "**größe** kann nicht `x` sein: …"


@pytest.mark.parametrize(
    ("locale", "language"),
    [("de", "de"), ("es-419", "es"), ("zh-CN", "zh_Hans"), ("zh-TW", "en"), ("en-GB", "en"), (None, "en")],
)
def test_discord_s_locales_have_languages(locale: str | None, language: str) -> None:
    assert language_of(locale) == language
    assert language in languages()
