"""Components and embeds in the form in which Discord returns them."""

from collections.abc import Iterable, Iterator
from typing import Any

SELECTS = (3, 5, 6, 7, 8)


def walk(components: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Every component, those inside rows, sections, containers and labels included."""
    for component in components:
        yield component
        inner = [component[name] for name in ("accessory", "component") if component.get(name)]
        yield from walk([*component.get("components", []), *inner])


def as_returned(components: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without nulls, each with an id, and with how many values a menu takes."""
    returned: list[dict[str, Any]] = without_nulls(components)
    for number, component in enumerate(walk(returned), start=1):
        component["id"] = component.get("id") or number
        if component["type"] in SELECTS:
            component.setdefault("min_values", 1)
            component.setdefault("max_values", 1)
    return returned


def without_nulls(value: Any) -> Any:
    """Bots may send null for what they leave alone; Discord leaves it out."""
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value
