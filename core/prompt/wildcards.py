"""Choices drawn: `a {red|blue} fox` becomes `a blue fox`.

What is drawn depends on the image's seed, on the side (prompt or negative prompt) and on which choice of its
prompt it is, and on nothing else: each image of a batch draws its own, and a rerun draws the same again, on
any machine. SHA-256 stands in for a random generator, whose numbers may change from one version to the next.
"""

from __future__ import annotations

import hashlib
from itertools import chain, pairwise

from core.prompt.parse import parse
from core.prompt.tree import Choice, Nodes, Span, branches


def draw(text: str, *, seed: int, side: str) -> str:
    """The text with one option in place of each choice. Raises BadOption, as `parse`."""
    return _Draw(text, seed, side).of(parse(text).nodes, Span(start=0, end=len(text)))


class _Draw:
    def __init__(self, text: str, seed: int, side: str) -> None:
        self._text = text
        self._key = f"{side} {seed}"

    def of(self, nodes: Nodes, span: Span) -> str:
        """The text of `span`, in which the nodes stand."""
        choices = _outer_choices(nodes)
        ends = [span.start, *chain.from_iterable((one.span.start, one.span.end) for one in choices), span.end]
        between = [self._text[start:end] for start, end in list(pairwise(ends))[::2]]
        drawn = [self._drawn(choice) for choice in choices]
        return "".join(chain.from_iterable(zip(between, [*drawn, ""], strict=True)))

    def _drawn(self, choice: Choice) -> str:
        digest = hashlib.sha256(f"{self._key} {choice.number}".encode()).digest()
        option = int.from_bytes(digest) % len(choice.options)
        return self.of(choice.options[option], choice.option_spans[option])


def _outer_choices(nodes: Nodes) -> list[Choice]:
    """The choices that stand in no other, in order."""
    found: list[Choice] = []
    for node in nodes:
        if isinstance(node, Choice):
            found.append(node)
        else:
            for branch in branches(node):
                found += _outer_choices(branch)
    return found
