"""What a pair of brackets means, by what is in it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from core.errors import BadOption
from core.prompt.parts import Part, Separator, is_separator, joined, last_number, split
from core.prompt.scan import Kind, Mark
from core.prompt.tree import Alternated, Choice, Node, Span, Switched, Text, Weighted
from core.words import _

#: Weight of a pair of parentheses; square brackets divide by it.
EMPHASIS = 1.1

NUMBER = re.compile(r"\s*([+-]?(?:\d{1,6}(?:\.\d{0,6})?|\.\d{1,6}))\s*")
_WHEN = re.compile(r"\s*(\d{1,6}(?:\.\d{0,6})?|\.\d{1,6})\s*")


@dataclass
class Bracket:
    """A bracket that is open, and what was read since."""

    opening: Mark
    #: Number of choices that began before it.
    number: int
    parts: list[Part] = field(default_factory=list)


def closed(bracket: Bracket, closing: Mark) -> list[Part]:
    """One node, or where the pair means nothing the text itself. Raises BadOption."""
    node: Node | None = None
    if bracket.parts:
        match bracket.opening.text:
            case "(":
                node = _group(bracket.parts)
            case "[":
                node = _square(bracket.parts)
            case "{":
                node = _choice(bracket, closing)
    if node is not None:
        return [node]
    return [Text(text=bracket.opening.text), *joined(bracket.parts), Text(text=closing.text)]


def _group(parts: list[Part]) -> Node | None:
    weight = last_number(parts, NUMBER)
    if weight is None:
        return Weighted(inner=joined(parts), weight=EMPHASIS)
    return Weighted(inner=joined(parts[:-2]), weight=float(weight)) if len(parts) > 2 else None


def _square(parts: list[Part]) -> Node:
    options = split(parts, Kind.BAR)
    if len(options) > 1:
        return Alternated(options=tuple(map(joined, options)))
    when = last_number(parts, _WHEN)
    if when is None:
        return Weighted(inner=joined(parts), weight=1 / EMPHASIS)
    said = parts[:-2]
    colons = [index for index, part in enumerate(said) if is_separator(part, Kind.COLON)]
    before, after = (said[: colons[-1]], said[colons[-1] + 1 :]) if colons else ([], said)
    return Switched(before=joined(before), after=joined(after), when=_when(when))


def _when(number: str) -> float | int:
    if "." not in number:
        return int(number)
    share = float(number)
    if share > 1:
        allowed = _(
            "give a share of the steps up to 1.0, or a whole number of steps. A weight is `(word:1.3)`."
        )
        raise BadOption("prompt", f"[...:{number}]", allowed)
    return share


def _choice(bracket: Bracket, closing: Mark) -> Node | None:
    bars = [
        part.mark.span for part in bracket.parts if isinstance(part, Separator) and part.mark.kind is Kind.BAR
    ]
    if not bars:
        return None
    opening = bracket.opening.span
    starts = [opening.end, *(bar.end for bar in bars)]
    ends = [*(bar.start for bar in bars), closing.span.start]
    return Choice(
        options=tuple(map(joined, split(bracket.parts, Kind.BAR))),
        number=bracket.number,
        span=Span(start=opening.start, end=closing.span.end),
        option_spans=tuple(Span(start=start, end=end) for start, end in zip(starts, ends, strict=True)),
    )
