"""Hostile text is cleaned before it is kept and escaped before it is shown."""

from __future__ import annotations

import re
import unicodedata
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadOption
from core.text import MAX_MARKS, clean_text, escape_markdown, is_blank, lines_within, shorten


def clean(text: str) -> str:
    return clean_text("prompt", text, limit=6000)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("a\x00 fo\x07x", "a fox"),
        ("fox\ud800", "fox"),
        ("\u202egnp.fox\u202c", "gnp.fox"),
        ("cafe\u0301", "café"),
        ("  a\nfox ", "a\nfox"),
        ("👩‍🚀 שָׁלוֹם", "👩‍🚀 שָׁלוֹם"),
    ],
)
def test_text_is_mended(typed: str, kept: str) -> None:
    assert clean(typed) == kept


def test_a_flood_of_combining_marks_is_trimmed() -> None:
    cleaned = clean("z" + "\u0336\u0489\u0317" * 1000 + "algo")
    assert len(cleaned) == len("zalgo") + MAX_MARKS and cleaned.endswith("algo")


def test_too_long_is_refused_with_its_length() -> None:
    with pytest.raises(BadOption, match="6001 characters"):
        clean("x" * 6001)


@given(st.text(st.characters(), max_size=300))
def test_cleaned_text_can_be_stored_and_stays_as_it_is(typed: str) -> None:
    cleaned = clean(typed)
    assert "\x00" not in cleaned
    assert cleaned.encode().decode() == cleaned, "no lone surrogate is left"
    assert clean(cleaned) == cleaned and unicodedata.is_normalized("NFC", cleaned)


@pytest.mark.parametrize("text", ["", " \n", "\u200b\u200d", "\u3164", "\u0301"])
def test_what_nobody_sees_is_blank(text: str) -> None:
    assert is_blank(text)


def test_an_emoji_is_not_blank() -> None:
    assert not is_blank("🦊")


@pytest.mark.parametrize(
    "text",
    [
        "@everyone",
        "<@123>",
        "[x](https://y.z)",
        "`a`",
        "||a||",
        "**a**",
        "__a__",
        "~~a~~",
        "# a",
        "> a",
        "- a",
        "\\*",
    ],
)
def test_markup_is_escaped(text: str) -> None:
    escaped = escape_markdown(text)
    assert "@everyone" not in escaped and "<@" not in escaped.replace("\\<", "")
    assert not re.search(r"(?<!\\)(?:\\\\)*[*_~`|>#\[\](<]", escaped)


@given(st.text(max_size=100), st.integers(2, 50))
def test_shortened_text_fits(text: str, limit: int) -> None:
    assert len(shorten(text, limit)) <= limit
    assert shorten(text, len(text) + 2) == text


def test_lines_that_do_not_fit_are_counted() -> None:
    lines = ["a" * 10, "b" * 10, "c" * 10]
    assert lines_within(lines, 32) == "\n".join(lines)
    assert lines_within(lines, 31) == "aaaaaaaaaa\n… and 2 more"
    assert lines_within([], 5) == ""


def test_more_lines_than_characters_are_counted_at_once() -> None:
    before = process_time()
    assert lines_within(["x"] * 50_000, 1000).endswith("x\n… and 49508 more")
    assert process_time() - before < 0.5
