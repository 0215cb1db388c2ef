"""Text from people: cleaned before it is kept, escaped before Discord shows it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from core.errors import BadOption
from core.words import _

#: Combining marks that may follow each other; honest runs (Hebrew, Vietnamese, Tibetan) are shorter.
MAX_MARKS = 4

#: Embeddings, overrides and isolates of the Unicode bidirectional algorithm (UAX #9): they can make a text
#: read as something other than it is.
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")
#: Letters that show nothing (Braille blank, Hangul fillers).
_INVISIBLE_LETTERS = frozenset("\u2800\u3164\u115f\u1160\uffa0")
_COMMAS = re.compile("[,\uff0c\u3001\n]")
_MARKS = re.compile(r"[*_~`|>#\-\[\]()<:\\+=.!]")


def clean_text(option: str, text: str, *, limit: int) -> str:
    """The text in NFC without what a prompt never needs: NUL and other controls, lone surrogates, bidi
    overrides, floods of combining marks, and white space at both ends.

    Raises:
        BadOption: it is longer than `limit` characters (counted as it was typed).
    """
    if len(text) > limit:
        raise BadOption(
            option, text, _("it has {length} characters; up to {limit} fit.", length=len(text), limit=limit)
        )
    kept = "".join(_mended(character) for character in text)
    return _without_mark_floods(unicodedata.normalize("NFC", kept)).strip()


def is_blank(text: str) -> bool:
    """True where no character would be seen: white space, zero-width and invisible ones."""
    return all(unicodedata.category(c)[0] in "ZCM" or c in _INVISIBLE_LETTERS for c in text)


def escape_markdown(text: str) -> str:
    """The text as Discord shows it letter by letter: no markup, masked link, spoiler or mention.

    Discord drops a backslash before any ASCII punctuation. A zero-width space after `@` keeps `@everyone` a
    word even where a client would colour it.
    """
    return _MARKS.sub(r"\\\g<0>", text).replace("@", "@\u200b")


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters, an ellipsis in place of the rest."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def listed(text: str) -> list[str]:
    """The parts of a typed list: between commas, those of Chinese and Japanese keyboards too, or on lines."""
    return [part for typed in _COMMAS.split(text) if (part := " ".join(typed.split()))]


def lines_within(lines: Sequence[str], limit: int) -> str:
    """As many whole lines as fit into `limit` characters, and how many more there are."""
    text = "\n".join(lines)
    # Each takes a character at least.
    kept = min(len(lines), limit)
    while len(text) > limit and kept:
        kept -= 1
        text = "\n".join([*lines[:kept], _("… and {number} more", number=len(lines) - kept)])
    return text


def _mended(character: str) -> str:
    if character in _BIDI:
        return ""
    match unicodedata.category(character):
        case "Cc":
            return character if character in "\n\t" else ""
        case "Cs":
            return ""
    return character


def _without_mark_floods(text: str) -> str:
    kept: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if marks <= MAX_MARKS:
            kept.append(character)
    return "".join(kept)
