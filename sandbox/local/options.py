"""A slash command's options as a member fills them, checked as Discord's app checks them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..guilds import Guild
from ..payloads import Payloads
from ..permissions import in_channel
from ..state import Channel, World
from .errors import Refused

SUBCOMMAND, GROUP, STRING, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, MENTIONABLE, NUMBER, ATTACHMENT = range(
    1, 12
)
Option = dict[str, Any]


@dataclass(kw_only=True)
class Resolver:
    """Turns values into Discord's form and collects what they refer to under `resolved`."""

    world: World
    payloads: Payloads
    guild: Guild | None
    channel: Channel
    user_id: int
    resolved: dict[str, dict[str, Any]] = field(default_factory=dict)

    def resolve(
        self, declared: list[Option], values: Mapping[str, Any], *, focused: str | None = None
    ) -> list[Option]:
        """The options in the form that INTERACTION_CREATE carries. Raises Refused.

        While `focused` is being typed nothing is required yet and its own value is taken as it is.
        """
        known = {option["name"]: option for option in declared}
        unknown = values.keys() - known.keys()
        if unknown:
            raise Refused(f"unknown option {min(unknown)!r}; this command has {', '.join(known) or 'none'}")
        missing = [name for name, option in known.items() if option.get("required") and name not in values]
        if missing and focused is None:
            raise Refused(f"option {missing[0]!r} is required")
        return [
            self._filled(known[name], value, focused) for name, value in values.items() if value is not None
        ]

    def _filled(self, option: Option, value: Any, focused: str | None) -> Option:
        filled = {"name": option["name"], "type": option["type"]}
        if option["name"] == focused:
            return filled | {"value": str(value), "focused": True}
        return filled | {"value": self._value(option, value)}

    def _value(self, option: Option, value: Any) -> Any:
        kind = option["type"]
        if kind in (STRING, INTEGER, NUMBER, BOOLEAN):
            check_plain(option, value)
            return value
        number = int(value)
        if kind == ATTACHMENT:
            self._refer("attachments", number, self.world.attachments, self.payloads.attachment)
        elif kind == CHANNEL:
            self._refer("channels", number, self.world.channels, self._channel)
            taken = option.get("channel_types")
            if taken and self.world.channels[number].kind not in taken:
                raise Refused(f"option {option['name']!r} takes no channel of this kind")
        elif kind == ROLE or (kind == MENTIONABLE and self.guild and number in self.guild.roles):
            self._refer("roles", number, self.guild.roles if self.guild else {}, self.payloads.role)
        else:
            self.refer_user(number)
        return str(number)

    def section(self) -> dict[str, Any]:
        """What was referred to, as a part of an interaction's data: absent, not empty, when nothing was."""
        return {"resolved": self.resolved} if self.resolved else {}

    def refer_user(self, user_id: int) -> None:
        """Add a user, and their membership of this server, to what is resolved."""
        self._refer("users", user_id, self.world.users, self.payloads.user)
        member = self.guild.members.get(user_id) if self.guild else None
        if member is not None and self.guild is not None:
            may = in_channel(self.world, self.channel, user_id)
            payload = self.payloads.member(member) | {"permissions": str(may)}
            del payload["user"]
            self.resolved.setdefault("members", {})[str(user_id)] = payload

    def _channel(self, channel: Channel) -> dict[str, Any]:
        return self.payloads.channel_for(channel, self.user_id)

    def _refer(self, kind: str, number: int, things: Mapping[int, Any], shown: Callable[[Any], Any]) -> None:
        if number not in things:
            raise Refused(f"there is no {kind.removesuffix('s')} with id {number}")
        self.resolved.setdefault(kind, {})[str(number)] = shown(things[number])


TYPES: dict[int, tuple[type, ...]] = {STRING: (str,), INTEGER: (int,), NUMBER: (int, float), BOOLEAN: (bool,)}


def check_plain(option: Option, value: Any) -> None:
    """Refuse a text, number or switch that the option does not take. Autocompleted values may be anything."""
    name, kind = option["name"], option["type"]
    if not isinstance(value, TYPES[kind]) or (kind != BOOLEAN and isinstance(value, bool)):
        raise Refused(f"option {name!r} takes {TYPES[kind][-1].__name__}, not {value!r}")
    choices = option.get("choices")
    if choices and value not in [choice["value"] for choice in choices]:
        raise Refused(f"option {name!r}: {value!r} is none of {[choice['value'] for choice in choices]}")
    size = len(str(value)) if kind == STRING else value
    unit = "length" if kind == STRING else "value"
    least, most = option.get(f"min_{unit}"), option.get(f"max_{unit}", 6000 if kind == STRING else None)
    if (least is not None and size < least) or (most is not None and size > most):
        raise Refused(f"option {name!r}: {unit} {size} is not between {least} and {most}")


def descend(command: Option, path: list[str]) -> tuple[list[Option], Callable[[list[Option]], list[Option]]]:
    """The options of the (sub)command named by `path`, and how to wrap filled ones for its parents."""
    wraps: list[Option] = []
    node = command
    for name in path:
        inner = next((o for o in node.get("options", []) if o["name"] == name and o["type"] <= GROUP), None)
        if inner is None:
            raise Refused(f"/{command['name']} has no subcommand {name!r}")
        wraps.append({"name": name, "type": inner["type"]})
        node = inner
    options = node.get("options", [])
    if any(option["type"] <= GROUP for option in options):
        raise Refused(
            f"/{command['name']} needs one of its subcommands: {', '.join(o['name'] for o in options)}"
        )

    def wrapped(filled: list[Option]) -> list[Option]:
        for wrap in reversed(wraps):
            filled = [wrap | {"options": filled}]
        return filled

    return options, wrapped
