"""Components as a member uses them: finding one on a message, filling those of a modal."""

from typing import Any

from ..components import walk
from ..state import Message
from .errors import Refused
from .options import Resolver

BUTTON, TEXT_INPUT, FILE_UPLOAD, RADIO, CHECKBOX = 2, 4, 19, 21, 23


def named(message: Message, name: str, kinds: tuple[int, ...]) -> dict[str, Any]:
    """The component that a member means."""
    usable = [c for c in walk(message.components) if c["type"] in kinds and c.get("custom_id")]
    for component in usable:
        if name in (component["custom_id"], component.get("label"), component.get("placeholder")):
            if component.get("disabled"):
                raise Refused(f"{name!r} is disabled")
            return component
    shown = ", ".join(str(c.get("label") or c["custom_id"]) for c in usable) or "none"
    raise Refused(f"message {message.id} has no {name!r}; there are {shown}")


def check_picked(part: dict[str, Any], name: str, values: list[str]) -> None:
    """Refuse too many or too few values, or some that a menu does not offer."""
    least, most = part.get("min_values", 1), part.get("max_values", 1)
    if not least <= len(values) <= most and (values or part.get("required", True)):
        raise Refused(f"{name!r} takes {least} to {most} values")
    offered = [option["value"] for option in part.get("options", [])]
    if offered and not set(values) <= set(offered):
        raise Refused(f"{name!r} offers {offered}, not {values}")


def _initial(part: dict[str, Any]) -> Any:
    """What a field holds when the member leaves it alone."""
    if part["type"] == TEXT_INPUT:
        return part.get("value") or ""
    if part["type"] == CHECKBOX:
        return bool(part.get("default"))
    defaults = [option["value"] for option in part.get("options", []) if option.get("default")]
    if part["type"] == RADIO:
        return defaults[0] if defaults else None
    return defaults


def _check_text(part: dict[str, Any], value: Any) -> None:
    if part["type"] != TEXT_INPUT:
        return
    least = part.get("min_length") or (1 if part.get("required", True) else 0)
    most = part.get("max_length") or 4000
    if not (least <= len(value) <= most or (not value and not part.get("required", True))):
        raise Refused(f"{part['custom_id']!r} takes {least} to {most} characters, not {len(value)}")


def submitted(part: dict[str, Any], left: dict[str, Any], resolver: Resolver) -> dict[str, Any]:
    """One part of a modal with what the member put in."""
    shown = {"type": part["type"], "id": part["id"]}
    if "components" in part:
        return shown | {"components": [submitted(inner, left, resolver) for inner in part["components"]]}
    if "component" in part:
        inner = part["component"] | {"label": part.get("label")}
        return shown | {"component": submitted(inner, left, resolver)}
    if "custom_id" not in part:
        return shown
    name = next((n for n in (part["custom_id"], part.get("label")) if n in left), None)
    value = _initial(part) if name is None else left.pop(name)
    shown["custom_id"] = part["custom_id"]
    if part["type"] in (TEXT_INPUT, CHECKBOX, RADIO):
        _check_text(part, value)
        return shown | {"value": value}
    check_picked(part, part.get("label") or part["custom_id"], value)
    resolve_picked(resolver, part, value)
    return shown | {"values": value}


def resolve_picked(resolver: Resolver, part: dict[str, Any], values: list[str]) -> None:
    """Menus of users, roles and channels, and files, say what their ids stand for."""
    # A menu's type and the command option that takes the same thing.
    option = {5: 6, 6: 8, 7: 9, 8: 7, FILE_UPLOAD: 11}.get(part["type"])
    if option is not None:
        taken = {"type": option, "channel_types": part.get("channel_types")}
        for value in values:
            resolver.resolve([{"name": part["custom_id"], **taken}], {part["custom_id"]: value})
