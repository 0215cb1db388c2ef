"""Every word that any reading of a prompt could hold, without reading them all: `{nu|x}de` may say `nude`."""

from __future__ import annotations

from core.errors import BadOption
from core.prompt.tree import Break, Nodes, Prompt, Text, branches
from core.stages import MAX_TEXT_CHARACTERS
from core.words import _

#: Characters of all spellings that one word may have before the next space.
_MAX_CHARACTERS = 2 * MAX_TEXT_CHARACTERS


def possible_words(prompt: Prompt) -> frozenset[str]:
    """Words as spaces part them, punctuation in them, over all choices, steps and alternations.

    Raises:
        BadOption: brackets give one word too many spellings.
    """
    words: set[str] = set()
    words |= _walk(prompt.nodes, {""}, words)
    return frozenset(words - {""})


def _walk(nodes: Nodes, begun: set[str], words: set[str]) -> set[str]:
    """Add the words that end in `nodes`.

    Args:
        begun: how the word that runs into the nodes may begin.

    Returns:
        How the word that runs out of them may begin.
    """
    for node in nodes:
        if isinstance(node, Text):
            begun = _spelt(node.text, begun, words)
        elif isinstance(node, Break):
            words |= begun
            begun = {""}
        elif inner := branches(node):
            begun = set().union(*(_walk(branch, begun, words) for branch in inner))
        if sum(map(len, begun)) > _MAX_CHARACTERS:
            allowed = _(
                "its brackets give one word {number} spellings. Put spaces in between.", number=len(begun)
            )
            raise BadOption("prompt", min(begun), allowed)
    return begun


def _spelt(text: str, begun: set[str], words: set[str]) -> set[str]:
    first, *rest = text.split() or [""]
    if text[:1].isspace():
        words |= begun
        begun = {""}
    begun = {beginning + first for beginning in begun}
    if rest:
        words |= begun
        words.update(rest[:-1])
        begun = {rest[-1]}
    if text[-1:].isspace():
        words |= begun
        begun = {""}
    return begun
