"""A server's own lists of what prompts may not say, and what they may say all the same.

Words are compared whole, after undoing disguises (`core.spelling`), so that "ass" leaves "class" alone.
Patterns are RE2's, whose time is linear in the text whatever the pattern is; each matches a run of whole
words. What is allowed is taken out of the text first; then what is denied is looked for.

A prompt is split into words once per reading, and each word looked up: ten thousand terms take no longer than
ten.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from core.errors import BadOption
from core.spelling import plain, without_leet
from core.words import _

if TYPE_CHECKING:
    import re2


class Effect(StrEnum):
    DENY = "deny"
    ALLOW = "allow"


class RuleKind(StrEnum):
    #: A word or a phrase.
    WORDS = "words"
    PATTERN = "pattern"


@dataclass(frozen=True, kw_only=True)
class Rule:
    effect: Effect
    kind: RuleKind
    #: As a moderator wrote it.
    text: str


#: Characters of a term and of a pattern.
MAX_TERM_CHARACTERS = 100
MAX_PATTERN_CHARACTERS = 200
#: Terms and patterns of a server.
MAX_TERMS = 20_000
MAX_PATTERNS = 200

#: Stands where something allowed was, and between words that are no neighbours. No prompt holds it.
_GAP = "\0"
_MARKS = re.compile(rf"[^\w\s{_GAP}]|_")
#: Scripts that put no spaces between words: each letter counts as a word, a longer word as a phrase.
_UNSPACED = re.compile("([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff])")
#: The weight of an emphasis: "(red:1.2) fox" says "red fox".
_WEIGHT = re.compile(r":\s*[-+]?[\d.]+\s*(?=[)\]])")
_SPACED_OUT = re.compile(r"(?<!\S)\w(?: \w){2,}(?!\S)")
#: Bytes that RE2 may take for a pattern's machine.
_PATTERN_MEMORY = 2**20


class WordList:
    """The rules of one server, compiled. Never changes, so threads may share it."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.is_empty = True
        sorted_rules: dict[tuple[Effect, RuleKind], list[str]] = {}
        for rule in rules:
            self.is_empty = False
            sorted_rules.setdefault((rule.effect, rule.kind), []).append(rule.text)
        self._allowed = _Terms(sorted_rules.get((Effect.ALLOW, RuleKind.WORDS), ()))
        self._denied = _Terms(sorted_rules.get((Effect.DENY, RuleKind.WORDS), ()))
        self._allowing = [_compiled(text) for text in sorted_rules.get((Effect.ALLOW, RuleKind.PATTERN), ())]
        self._denying = [_compiled(text) for text in sorted_rules.get((Effect.DENY, RuleKind.PATTERN), ())]

    def denied(self, texts: Iterable[str], words: Iterable[str] = ()) -> str | None:
        """What in it is denied, as it reads without disguise; None where nothing is.

        Args:
            texts: prompts as typed or as expanded.
            words: what else may be said, each on its own (`core.prompt.words`).
        """
        whole = f" {_GAP} ".join([*texts, *words])
        seen = set()
        for reading in _readings(whole):
            if (key := tuple(reading)) not in seen:
                seen.add(key)
                if (found := self._denied_in(reading)) is not None:
                    return found
        return None

    def _denied_in(self, words: list[str]) -> str | None:
        words = self._without_allowed(words)
        found = next(self._denied.found(words), None)
        if found is not None:
            return " ".join(words[slice(*found)])
        text = " ".join(words)
        match = next((match for pattern in self._denying if (match := pattern.search(text))), None)
        return None if match is None else str(match.group(0)).strip()

    def _without_allowed(self, words: list[str]) -> list[str]:
        spans = list(self._allowed.found(words))
        for start, end in spans:
            words[start:end] = [_GAP] * (end - start)
        if not self._allowing:
            return words
        text = " ".join(words)
        for pattern in self._allowing:
            # Twice: neighbours share the space between them.
            text = pattern.sub(f" {_GAP} ", pattern.sub(f" {_GAP} ", text))
        return text.split()


class _Terms:
    """Words and phrases, found by their first word."""

    def __init__(self, terms: Iterable[str]) -> None:
        self._singles: set[str] = set()
        self._phrases: dict[str, list[tuple[str, ...]]] = {}
        for term in terms:
            for words in {tuple(reading) for reading in _spellings(term)}:
                if len(words) == 1:
                    self._singles.add(words[0])
                elif words:
                    self._phrases.setdefault(words[0], []).append(words)

    def found(self, words: Sequence[str]) -> Iterator[tuple[int, int]]:
        """Where terms stand: the first word's place, and the place behind the last."""
        for start, word in enumerate(words):
            if word in self._singles:
                yield start, start + 1
            for phrase in self._phrases.get(word, ()):
                if tuple(words[start : start + len(phrase)]) == phrase:
                    yield start, start + len(phrase)


def check_rule(rule: Rule) -> None:
    """Raises BadOption where a term says nothing, or RE2 can't take a pattern; the text says why."""
    if rule.kind == RuleKind.WORDS:
        if len(rule.text) > MAX_TERM_CHARACTERS:
            raise BadOption(
                "words", rule.text, _("a term has up to {most} characters.", most=MAX_TERM_CHARACTERS)
            )
        if not any(character.isalnum() for character in rule.text):
            raise BadOption("words", rule.text, _("there is no letter or digit in it."))
        return
    if len(rule.text) > MAX_PATTERN_CHARACTERS:
        raise BadOption(
            "pattern", rule.text, _("a pattern has up to {most} characters.", most=MAX_PATTERN_CHARACTERS)
        )
    if _compiled(rule.text).search("") is not None:
        raise BadOption(
            "pattern", rule.text, _("it fits where there is nothing, so it would fit every prompt.")
        )


def _compiled(pattern: str) -> re2._Regexp:
    """The pattern, to be searched for in words with a space between; raises BadOption."""
    import re2

    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = False
    options.never_nl = True
    options.max_mem = _PATTERN_MEMORY
    # As the words are spelt that it is to fit.
    spelt = "".join(c if c.isascii() else plain(c) for c in pattern)
    try:
        # Alone first: "a)|(b" is none.
        re2.compile(spelt, options)
        return re2.compile(rf"(?:^|[ ])(?:{spelt})(?:[ ]|$)", options)
    except re2.error as error:
        reason = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error.args[0])
        allowed = _(
            "RE2 can't take it: {reason}. It knows no look-ahead, look-behind and back-references, and "
            "counts up to 1000 (github.com/google/re2/wiki/Syntax).",
            reason=reason,
        )
        raise BadOption("pattern", pattern, allowed) from None


def _spellings(text: str) -> list[list[str]]:
    """The text's words with accents, look-alikes and styles undone, as they stand and with leet read."""
    letters = plain(text)
    return [_words(spelling, " ") for spelling in dict.fromkeys([letters, without_leet(letters)])]


def _readings(text: str) -> Iterator[list[str]]:
    """The words of a prompt in every way in which they may be meant."""
    letters = plain(_WEIGHT.sub("", text))
    for spelling in dict.fromkeys([letters, without_leet(letters)]):
        words = _words(spelling, " ")
        yield words
        yield _words(spelling, "")
        yield _SPACED_OUT.sub(lambda run: run[0].replace(" ", ""), " ".join(words)).split()


def _words(spelling: str, instead: str) -> list[str]:
    """Words, with `instead` for the marks in and around them; an underscore is a mark, too."""
    marked = _MARKS.sub(instead, spelling)
    return _UNSPACED.sub(r" \1 ", marked).split()
