"""What galleries agree on: kinds of posts, orders, words that a picture is found by, and limits."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum

from core.errors import BadOption
from core.words import _

MAX_NAME_CHARACTERS = 50
MAX_WORD_CHARACTERS = 40
#: Words that one picture is found by, and those of one search.
MAX_WORDS = 60
MAX_SEARCHED = 4
MAX_TAGS = 8
#: Characters of a search, which stands in the ids of buttons that turn its pages.
MAX_SEARCH_CHARACTERS = 48

#: Scripts that put no spaces between words: each letter is found.
_UNSPACED = re.compile("([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff])")
_WORD = re.compile(r"#?\w+")


class PostKind(StrEnum):
    """Messages that the bot keeps as their subjects are."""

    #: A picture with enough votes, in the gallery channel.
    ENTRY = "entry"
    #: A contest: its theme and when it closes.
    CONTEST = "contest"
    #: Who won it.
    WINNERS = "winners"


class Order(StrEnum):
    NEWEST = "newest"
    #: By votes, then the newest.
    TOP = "top"


def prompt_words(prompt: str) -> frozenset[str]:
    """The words of a prompt that it is found by, whatever their capitals and styles."""
    return frozenset(list(dict.fromkeys(_words(prompt.replace("#", " "))))[:MAX_WORDS])


def searched_words(search: str) -> tuple[str, ...]:
    """The words and tags that a search asks for, all of them: "fox #night". Raises BadOption."""
    words = tuple(dict.fromkeys(_words(search)))
    if len(words) > MAX_SEARCHED:
        raise BadOption("search", search, _("up to {number} words are searched for.", number=MAX_SEARCHED))
    if search.strip() and not words:
        raise BadOption("search", search, _("there are no letters in it."))
    return words


def read_tags(typed: str) -> frozenset[str]:
    """Tags as they are stored ("#night"), from words with spaces or commas between them. Raises BadOption."""
    tags = {f"#{word}" for word in _words(typed.replace("#", " "))}
    if len(tags) > MAX_TAGS:
        raise BadOption("tags", typed, _("a picture has up to {number} tags.", number=MAX_TAGS))
    return frozenset(tags)


def _words(text: str) -> Iterable[str]:
    letters = _UNSPACED.sub(r" \1 ", unicodedata.normalize("NFKC", text).casefold().replace("_", " "))
    return (word[:MAX_WORD_CHARACTERS] for word in _WORD.findall(letters))
