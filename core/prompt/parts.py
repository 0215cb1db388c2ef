"""Parts of a prompt while it is read: nodes, and separators of which nobody knows yet whether they mean
anything."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.prompt.scan import Kind, Mark
from core.prompt.tree import Node, Nodes, Text


@dataclass(frozen=True)
class Separator:
    """A colon or a bar."""

    mark: Mark


Part = Node | Separator


def split(parts: Sequence[Part], kind: Kind) -> list[list[Part]]:
    """The parts between separators of this kind; one piece where there is none."""
    pieces: list[list[Part]] = [[]]
    for part in parts:
        if is_separator(part, kind):
            pieces.append([])
        else:
            pieces[-1].append(part)
    return pieces


def is_separator(part: Part, kind: Kind) -> bool:
    return isinstance(part, Separator) and part.mark.kind is kind


def last_number(parts: Sequence[Part], form: re.Pattern[str]) -> str | None:
    """The number behind the last colon, where these two are the last parts."""
    if len(parts) < 2 or not is_separator(parts[-2], Kind.COLON):
        return None
    number = form.fullmatch(text_of(parts[-1]))
    return number[1] if number else None


def text_of(part: Part) -> str:
    return part.text if isinstance(part, Text) else ""


def joined(parts: Sequence[Part]) -> Nodes:
    """Nodes only: separators that mean nothing are text, and neighbouring texts are one."""
    nodes: list[Node] = []
    texts: list[str] = []
    for part in parts:
        if isinstance(part, Separator):
            texts.append(part.mark.text)
        elif isinstance(part, Text):
            texts.append(part.text)
        else:
            nodes += [Text(text="".join(texts)), part] if texts else [part]
            texts = []
    return tuple([*nodes, Text(text="".join(texts))] if texts else nodes)
