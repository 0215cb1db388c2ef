"""The floor that no server may loosen: no sexual pictures of minors, however the words are disguised.

Words are compared whole, after undoing compatibility forms, look-alike letters, zero-width characters,
accents and leetspeak, with punctuation read as a space ("nude,girl") and as nothing ("[nu:de:0.5]").
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from core.errors import NotAllowed

_MINOR = re.compile(
    "child(ren|like|s)?|kids?|toddlers?|infants?|bab(y|ies)|minors?|underaged?|preteens?|prepubescent"
    "|teen(s|age|ager|agers)?|school(girl|boy)s?|loli(s|ta)?|shotas?"
)
_SEXUAL = re.compile(
    "nud(e|es|ity)|naked|nsfw|porn(o|ographic)?|sex(y|ual|ualized)?|erotic(a)?|hentai|lewd|topless|bottomless"
    "|undressed|unclothed|lingerie|genitals?|penis|vagina|orgasms?|fetish"
)
#: Refused alone.
_BANNED = re.compile("(loli|shota)cons?")

# Cyrillic and Greek letters that look like Latin ones; NFKC has already undone full-width and styled letters.
_LOOK_ALIKES = str.maketrans("аеорсухіјѕһԁѵոαεονρτυικ", "aeopcyxijshdvnaeovptuik")
_LEET = str.maketrans("01345789@$!", "oieastbgasi")


def check_prompt(text: str) -> None:
    """Refuse a prompt below the floor; `text` is the whole prompt as the model will read it.

    Raises:
        NotAllowed: its words ask for what is never made.
    """
    for words in _readings(text):
        if _any(_BANNED, words) or (_any(_MINOR, words) and _any(_SEXUAL, words)):
            raise NotAllowed("Atelier makes no sexual pictures of minors. Please change the **prompt**.")


def _any(pattern: re.Pattern[str], words: frozenset[str]) -> bool:
    return any(map(pattern.fullmatch, words))


def _readings(text: str) -> Iterator[frozenset[str]]:
    plain = _plain(text)
    for spelling in (plain, plain.translate(_LEET)):
        for separator in (" ", ""):
            yield frozenset(re.sub(r"[^a-z\s]", separator, spelling).split())


def _plain(text: str) -> str:
    """Lower-case letters without accents, look-alikes and characters of no width."""
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    kept = (c for c in decomposed if unicodedata.category(c) not in ("Mn", "Me", "Cf"))
    return "".join(kept).translate(_LOOK_ALIKES)
