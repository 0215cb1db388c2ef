r"""The parser of the prompt language.

The grammar, with quotes around marks, ``[...]`` optional and ``{...}`` any number of times::

    prompt    = {part}
    part      = TEXT | group | square | choice | phrase | "BREAK" | adapter
    group     = "(" prompt ")"                                  weight 1.1
              | "(" prompt ":" NUMBER ")"                       weight NUMBER, -10 to 10
    square    = "[" prompt "]"                                  weight 1 / 1.1
              | "[" [prompt] ":" [prompt] ":" WHEN "]"          the first until WHEN, then the second
              | "[" prompt ":" WHEN "]"                         nothing until WHEN, then the prompt
              | "[" [prompt] "|" [prompt] {"|" [prompt]} "]"    each in turn, a step each
    choice    = "{" [prompt] "|" [prompt] {"|" [prompt]} "}"    one, drawn for each image
    phrase    = prompt ":" DECIMAL                              outside brackets: weight of the whole phrase
    adapter   = "<lora:" NAME [":" NUMBER] ">"                  or "<lyco:"; no words
    WHEN      = a decimal from 0.0 to 1.0, a share of the steps | a whole number of steps
    DECIMAL   = a number below 2 with a decimal point, such as 0.95

- Weights of nested groups multiply; all together stay within -10 to 10.
- A *phrase* reaches back to the phrase before it, to a BREAK or to the start. Its colon stands right behind
  a character that is no digit and no space; behind its number come a space, a comma, a bracket or the end. So
  ``16:9``, ``12:30``, ``castle:2`` and ``a: 0.5`` are text, as are colons anywhere else.
- A backslash makes any of ``\ ( ) [ ] { } | : <`` a letter.
- A closing bracket ends the nearest open one of its kind. Brackets without a partner, empty brackets and
  braces without a bar are text. (AUTOMATIC1111's web UI, whose habits these are, lets an open parenthesis
  weigh all that follows; here it is text, and its member is told so.)

See <https://github.com/AUTOMATIC1111/stable-diffusion-webui/wiki/Features#attentionemphasis> and, for whole
phrases, the subprompt weights of early Stable Diffusion front ends.
"""

from __future__ import annotations

import re

from core.errors import BadOption
from core.prompt.brackets import NUMBER, Bracket, closed
from core.prompt.limits import checked
from core.prompt.parts import Part, Separator, is_separator, joined, text_of
from core.prompt.scan import Kind, Mark, scan
from core.prompt.tree import MAX_DEPTH, AdapterTag, Break, Nodes, Prompt, Text, Weighted
from core.words import _, ngettext

_PHRASE_WEIGHT = re.compile(r"([01]?\.\d{1,6})(?=[\s,]|$)")
_PHRASE_END = re.compile(r"[^\s\d:]\Z")
_ADAPTER = re.compile(r"<\w+:\s*([^:\s][^:]{0,99}?)\s*(?::([^:]*))?>")


def parse(text: str, *, drawn: bool = False) -> Prompt:
    """The prompt that the text spells.

    Args:
        drawn: its choices have been drawn, and braces are text.

    Raises:
        BadOption: brackets nest too deep, or a weight, a moment or the number of changes is out of its range.
    """
    marks = scan(text, braces=not drawn)
    alone = sum(mark.kind is Kind.TEXT and mark.text in ("(", ")", "[", "]") for mark in marks)
    return checked(_Reader().read(marks), _remark(alone))


def _remark(alone: int) -> str | None:
    if not alone:
        return None
    return ngettext(
        "A bracket has no partner and counts as text; put a `\\` before it where that is meant.",
        "{number} brackets have no partner and count as text; put a `\\` before them where that is meant.",
        alone,
    )


class _Reader:
    """Reads marks from left to right, with a stack of open brackets."""

    def __init__(self) -> None:
        self._parts: list[Part] = []
        self._open: list[Bracket] = []
        self._braces = 0

    def read(self, marks: list[Mark]) -> Nodes:
        for mark in marks:
            read = self._read(mark)
            (self._open[-1].parts if self._open else self._parts).extend(read)
        return _with_phrases(self._parts)

    def _read(self, mark: Mark) -> list[Part]:
        """What the mark adds to the bracket that is open once it is read."""
        match mark.kind:
            case Kind.OPEN:
                self._begin(mark)
                return []
            case Kind.CLOSE:
                return closed(self._open.pop(), mark)
            case Kind.BAR | Kind.COLON:
                return [Separator(mark)]
            case Kind.BREAK:
                return [Break()]
            case Kind.ADAPTER:
                return [_adapter(mark)]
            case Kind.ESCAPE:
                return [Text(text=mark.text[1])]
        return [Text(text=mark.text)]

    def _begin(self, mark: Mark) -> None:
        if len(self._open) == MAX_DEPTH:
            raise BadOption(
                "prompt", mark.text * MAX_DEPTH + "...", _("brackets nest up to {most} deep.", most=MAX_DEPTH)
            )
        self._open.append(Bracket(mark, self._braces))
        self._braces += mark.text == "{"


def _adapter(mark: Mark) -> AdapterTag:
    found = _ADAPTER.fullmatch(mark.text)
    weight = NUMBER.fullmatch(found[2] or "1") if found else None
    if found is None or weight is None:
        raise BadOption("prompt", mark.text, _("write it like `<lora:name:0.8>`."))
    return AdapterTag(name=found[1], weight=float(weight[1]), span=mark.span)


def _with_phrases(parts: list[Part]) -> Nodes:
    """The prompt's own parts, with the weights of whole phrases given to what they reach back to."""
    nodes: list[Part] = []
    phrase: list[Part] = []
    waiting = list(reversed(parts))
    while waiting:
        part = waiting.pop()
        weight = _phrase_weight(phrase, part, waiting)
        if isinstance(part, Break):
            nodes += [*phrase, part]
            phrase = []
        elif weight is None:
            phrase.append(part)
        else:
            nodes.append(Weighted(inner=joined(phrase), weight=float(weight[1])))
            rest = text_of(waiting.pop())[weight.end() :]
            phrase = [Text(text=rest)] if rest else []
    return joined([*nodes, *phrase])


def _phrase_weight(phrase: list[Part], part: Part, waiting: list[Part]) -> re.Match[str] | None:
    """The weight that begins the next part, where `part` is a colon right behind a phrase."""
    if not (is_separator(part, Kind.COLON) and phrase and waiting):
        return None
    if isinstance(phrase[-1], Text) and not _PHRASE_END.search(phrase[-1].text):
        return None
    number = text_of(waiting[-1])
    weight = _PHRASE_WEIGHT.match(number)
    followed_by_colon = len(waiting) > 1 and isinstance(waiting[-2], Separator)
    if weight and weight.end() == len(number) and followed_by_colon:
        return None
    return weight
