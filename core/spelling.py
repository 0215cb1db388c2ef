"""Undoing disguises: one spelling for all the ways in which a word can be written to slip by a filter."""

from __future__ import annotations

import re
import string
import unicodedata
from functools import lru_cache

# Letters that look like Latin ones; compatibility forms (full-width, styled) are undone before. By script:
# Cyrillic, Armenian and Greek; Latin with strokes or without dots; small capitals.
_SINGLE = (
    "аеорсухіјѕһԁѵոαεονρτυικквмнтгԛԝհսօցəσωη",
    "aeopcyxijshdvnaeovptuikkbmhtrqwhuogeown",
    "øłđħıŧƀɓɗɠɪʀɢʜʟɴʏʙᴀᴄᴅᴇᴊᴋᴍᴏᴘᴛᴜᴠᴡᴢꜰꜱɑɡɩ",
    "oldhitbbdgirghlnybacdejkmoptuvwzfsagi",
)
#: Where letters in squares, circles and flags begin; their compatibility forms are themselves.
_ENCLOSED = (0x1F130, 0x1F150, 0x1F170, 0x1F1E6)
_LOOK_ALIKES: dict[int, int | str] = {
    **str.maketrans(_SINGLE[0], _SINGLE[1]),
    **str.maketrans(_SINGLE[2], _SINGLE[3]),
    **{first + offset: letter for first in _ENCLOSED for offset, letter in enumerate(string.ascii_lowercase)},
}
_LEET = str.maketrans("01345789@$!", "oieastbgasi")
#: Accents and the like, and what has no width.
_UNSEEN = frozenset({"Mn", "Me", "Cf"})
_FOREIGN = re.compile(r"[^\x00-\x7f]")


def plain(text: str) -> str:
    """Lower-case letters without accents, look-alikes, styles and characters of no width."""
    if text.isascii():
        return text.lower()
    return _FOREIGN.sub(_letter_of, unicodedata.normalize("NFKD", text).casefold())


def _letter_of(match: re.Match[str]) -> str:
    return _letter(match[0])


@lru_cache(maxsize=4096)
def _letter(character: str) -> str:
    seen = unicodedata.category(character) not in _UNSEEN
    return character.translate(_LOOK_ALIKES) if seen else ""


def without_leet(text: str) -> str:
    """The plain text with digits and signs read as the letters that they stand for ("b00b$")."""
    return text.translate(_LEET)
