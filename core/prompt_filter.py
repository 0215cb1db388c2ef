"""The floor that no server may loosen: no sexual pictures of minors, however the words are disguised.

Words are compared whole, after undoing compatibility forms, look-alike letters, zero-width characters,
accents and leetspeak, with punctuation read as a space ("nude,girl") and as nothing ("[nu:de:0.5]"): first as
typed, then every word that the prompt language could make of it ("{nu|x}de").
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.errors import NotAllowed
from core.prompt.parse import parse
from core.prompt.words import possible_words
from core.spelling import plain, without_leet
from core.words import _

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


def check_prompt(*texts: str) -> None:
    """Refuse a prompt below the floor.

    Args:
        texts: the whole prompt as it was typed, style included, and whatever else speaks to the model, such
            as the names and trigger words of adapters. All of it counts together: what a choice or a switch
            could say, whichever seed and step would say it.

    Raises:
        NotAllowed: its words ask for what is never made.
        BadOption: it can't be read (`core.prompt.parse`).
    """
    spelt = [word for text in texts for word in sorted(possible_words(parse(text)))]
    for words in _readings(" ".join([*texts, *spelt])):
        if _any(_BANNED, words) or (_any(_MINOR, words) and _any(_SEXUAL, words)):
            raise NotAllowed(_("Atelier makes no sexual pictures of minors. Please change the **prompt**."))


def _any(pattern: re.Pattern[str], words: frozenset[str]) -> bool:
    return any(map(pattern.fullmatch, words))


def _readings(text: str) -> Iterator[frozenset[str]]:
    letters = plain(text)
    for spelling in (letters, without_leet(letters)):
        for separator in (" ", ""):
            yield frozenset(re.sub(r"[^a-z\s]", separator, spelling).split())
