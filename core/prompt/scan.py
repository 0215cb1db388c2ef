"""The marks of the prompt language in a text, and which brackets belong together."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from enum import Enum, auto

from core.prompt.tree import Span


class Kind(Enum):
    TEXT = auto()
    #: A backslash and the mark that it makes a letter.
    ESCAPE = auto()
    OPEN = auto()
    CLOSE = auto()
    BAR = auto()
    COLON = auto()
    BREAK = auto()
    ADAPTER = auto()


@dataclass(frozen=True, kw_only=True)
class Mark:
    kind: Kind
    text: str
    span: Span
    #: Index of the mark that closes this opening bracket, or None where it has no partner.
    partner: int | None = None


_CLOSES = {")": "(", "]": "[", "}": "{"}
_KINDS = {"|": Kind.BAR, ":": Kind.COLON, "BREAK": Kind.BREAK} | {
    bracket: kind
    for closing, opening in _CLOSES.items()
    for bracket, kind in ((opening, Kind.OPEN), (closing, Kind.CLOSE))
}
#: A backslash and the mark that it makes a letter.
ESCAPE = r"\\[\\()\[\]{}|:<]"
_MARK = re.compile(ESCAPE + r"|<(?i:lora|lyco):[^<>]*>|\bBREAK\b|[()\[\]{}|:]")


def scan(text: str, *, braces: bool) -> list[Mark]:
    """Every character of the text, in marks. Brackets that have no partner are text, as are (without
    `braces`) all braces."""
    marks: list[Mark] = []
    at = 0
    for found in _MARK.finditer(text):
        if found.start() > at:
            marks.append(_mark(Kind.TEXT, text, at, found.start()))
        marks.append(_mark(_kind(found[0], braces), text, *found.span()))
        at = found.end()
    if at < len(text):
        marks.append(_mark(Kind.TEXT, text, at, len(text)))
    return _paired(marks)


def _kind(mark: str, braces: bool) -> Kind:
    if mark[0] == "\\":
        return Kind.ESCAPE
    if mark[0] == "<":
        return Kind.ADAPTER
    return Kind.TEXT if mark in "{}" and not braces else _KINDS[mark]


def _mark(kind: Kind, text: str, start: int, end: int) -> Mark:
    return Mark(kind=kind, text=text[start:end], span=Span(start=start, end=end))


def _paired(marks: list[Mark]) -> list[Mark]:
    """A closing bracket ends the nearest open one of its kind; those left open in between have no partner.

    Each bracket is pushed and popped once at most, so that ten thousand of them are no work.
    """
    partners: dict[int, int] = {}
    waiting: list[int] = []
    counts: Counter[str] = Counter()
    for index, mark in enumerate(marks):
        if mark.kind is Kind.OPEN:
            waiting.append(index)
            counts[mark.text] += 1
        elif mark.kind is Kind.CLOSE and counts[_CLOSES[mark.text]]:
            opening = None
            while opening is None or marks[opening].text != _CLOSES[mark.text]:
                opening = waiting.pop()
                counts[marks[opening].text] -= 1
            partners[opening] = index
    closed = set(partners.values())
    return [
        Mark(kind=mark.kind, text=mark.text, span=mark.span, partner=partners.get(index))
        if index in partners or index in closed or mark.kind not in (Kind.OPEN, Kind.CLOSE)
        else Mark(kind=Kind.TEXT, text=mark.text, span=mark.span)
        for index, mark in enumerate(marks)
    ]
