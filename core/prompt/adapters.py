"""LoRA tags taken out of a prompt: `a fox <lora:ink:0.8>` is `a fox`, drawn with the adapter `ink`."""

from __future__ import annotations

import re
from collections.abc import Collection
from difflib import get_close_matches

from core.errors import BadOption
from core.prompt.parse import parse
from core.prompt.tree import AdapterTag, Choice, Nodes, Weighted, walk
from core.request import Adapter
from core.words import _


def take_adapters(text: str, known: Collection[str] | None = None) -> tuple[str, tuple[Adapter, ...]]:
    """The text without its tags, and the adapters that they name. One named twice has both weights.

    Args:
        known: names of the adapters that there are; None where the model will say.

    Raises:
        BadOption: as `parse`; there is no such adapter; or a tag stands where it can't come and go, as in
            `[...:...:0.5]`.
    """
    prompt = parse(text)
    tags = _tags(prompt.nodes)
    if not tags:
        return text, ()
    weights: dict[str, float] = {}
    for tag in tags:
        name = _known_name(tag.name, known)
        weights[name] = weights.get(name, 0.0) + tag.weight
    kept, at = [], 0
    for tag in tags:
        kept.append(text[at : tag.span.start])
        at = tag.span.end
    cut = "".join([*kept, text[at:]]).strip()
    return cut, tuple(Adapter(name=name, weight=weight) for name, weight in weights.items())


def with_adapter(text: str, adapter: Adapter) -> str:
    """The text with the tag of this adapter at its weight, in place of those that it has of it."""
    tag = rf"\s*<(?:lora|lyco):\s*{re.escape(adapter.name)}\s*(?::[^<>]*)?>"
    others = re.sub(tag, "", text, flags=re.IGNORECASE).lstrip()
    # In front: what follows a flag would be its value.
    return f"<lora:{adapter.name}:{adapter.weight:g}> {others}"


def _tags(nodes: Nodes) -> list[AdapterTag]:
    found: list[AdapterTag] = []
    for node in nodes:
        if isinstance(node, AdapterTag):
            found.append(node)
        elif isinstance(node, Weighted):
            found += _tags(node.inner)
        elif inside := next((tag for tag in walk((node,)) if isinstance(tag, AdapterTag)), None):
            allowed = (
                _("it counts for all images. Put it outside the brackets.")
                if isinstance(node, Choice)
                else _("it counts for all steps. Put it outside the brackets.")
            )
            raise BadOption("prompt", f"<lora:{inside.name}>", allowed)
    return found


def _known_name(name: str, known: Collection[str] | None) -> str:
    if known is None or name in known:
        return name
    by_folded = {other.casefold(): other for other in known}
    if name.casefold() in by_folded:
        return by_folded[name.casefold()]
    near = [by_folded[folded] for folded in get_close_matches(name.casefold(), by_folded, n=5, cutoff=0.5)]
    listed = near or sorted(known)[:10]
    allowed = (
        _("there is no such LoRA; choose one of {choices}.", choices=", ".join(listed))
        if listed
        else _("there is no LoRA here yet.")
    )
    raise BadOption("lora", name, allowed)
