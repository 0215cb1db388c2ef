"""What a member does: commands, components, modals. Each returns the interaction that the bot was sent."""

from collections.abc import Mapping
from typing import Any

from ..commands import MESSAGE as MESSAGE_COMMAND
from ..commands import SLASH
from ..commands import USER as USER_COMMAND
from ..interactions import AUTOCOMPLETE
from ..limits import walk
from ..payloads import COMPONENT, MODAL_SUBMIT
from ..server import Discord
from ..state import Channel, Guild, Interaction, Message, User
from .errors import Refused
from .options import Resolver, descend
from .people import find_message, may_see

APPLICATION_COMMAND = 2
BUTTON, STRING_SELECT, TEXT_INPUT, FILE_UPLOAD, CHECKBOX, RADIO = 2, 3, 4, 19, 23, 21
SELECTS = (3, 5, 6, 7, 8)
IN_GUILD, IN_BOT_DM = 0, 1


class Acts:
    """The members' hands."""

    def __init__(self, discord: Discord) -> None:
        self._discord = discord

    def slash(
        self,
        user: User,
        channel: Channel,
        name: str,
        values: Mapping[str, Any],
        *,
        focused: str | None = None,
    ) -> Interaction:
        """Use a slash command ("model add" for a subcommand); with `focused`, ask for its choices."""
        root, *path = name.split()
        command = self._command(user, channel, root, SLASH)
        declared, wrapped = descend(command, path)
        if focused is not None and not any(o["name"] == focused and o.get("autocomplete") for o in declared):
            raise Refused(f"option {focused!r} of /{name} has no autocomplete")
        resolver = self._resolver(channel)
        options = wrapped(resolver.resolve(declared, values, focused=focused))
        data = self._command_data(command, resolver) | {"options": options}
        return self._start(AUTOCOMPLETE if focused is not None else APPLICATION_COMMAND, user, channel, data)

    def user_command(self, user: User, channel: Channel, name: str, target: User) -> Interaction:
        """Use a command of a user's menu."""
        command = self._command(user, channel, name, USER_COMMAND)
        resolver = self._resolver(channel)
        resolver.refer_user(target.id)
        data = self._command_data(command, resolver) | {"target_id": str(target.id)}
        return self._start(APPLICATION_COMMAND, user, channel, data)

    def message_command(self, user: User, name: str, message_id: int) -> Interaction:
        """Use a command of a message's menu."""
        channel, message = find_message(self._discord.world, user, message_id)
        command = self._command(user, channel, name, MESSAGE_COMMAND)
        resolver = self._resolver(channel)
        resolver.resolved["messages"] = {str(message.id): self._discord.payloads.message(message)}
        data = self._command_data(command, resolver) | {"target_id": str(message.id)}
        return self._start(APPLICATION_COMMAND, user, channel, data)

    def press(self, user: User, message_id: int, button: str) -> Interaction:
        """Press a button, named by its custom_id or its label."""
        channel, message = find_message(self._discord.world, user, message_id)
        component = _named(message, button, (BUTTON,))
        data = {"component_type": BUTTON, "custom_id": component["custom_id"], "id": component["id"]}
        return self._start(COMPONENT, user, channel, data, source=message)

    def select(self, user: User, message_id: int, menu: str, values: list[str]) -> Interaction:
        """Choose from a menu, named by its custom_id or placeholder; values are option values or ids."""
        channel, message = find_message(self._discord.world, user, message_id)
        component = _named(message, menu, SELECTS)
        if not component["min_values"] <= len(values) <= component["max_values"]:
            raise Refused(f"{menu!r} takes {component['min_values']} to {component['max_values']} values")
        offered = [option["value"] for option in component.get("options", [])]
        if component["type"] == STRING_SELECT and not set(values) <= set(offered):
            raise Refused(f"{menu!r} offers {offered}, not {values}")
        resolver = self._resolver(channel)
        if component["type"] != STRING_SELECT:
            self._resolve_picked(resolver, component["type"], values)
        data = {"component_type": component["type"], "custom_id": component["custom_id"], "values": values}
        data |= {"id": component["id"], "resolved": resolver.resolved}
        return self._start(COMPONENT, user, channel, data, source=message)

    def submit(self, user: User, opened_by: Interaction, values: Mapping[str, Any]) -> Interaction:
        """Send the modal that an interaction opened; values by custom_id or label, the rest as shown."""
        if opened_by.modal is None or opened_by.user_id != user.id:
            raise Refused(f"interaction {opened_by.id} opened no modal for {user.name}")
        world = self._discord.world
        channel = world.channels[opened_by.channel_id]
        resolver = self._resolver(channel)
        left = dict(values)
        components = [self._submitted(part, left, resolver) for part in opened_by.modal["components"]]
        if left:
            raise Refused(f"the modal has no field {next(iter(left))!r}")
        data = {
            "custom_id": opened_by.modal["custom_id"],
            "components": components,
            "resolved": resolver.resolved,
        }
        source = channel.messages.get(opened_by.source_id or 0)
        return self._start(MODAL_SUBMIT, user, channel, data, source=source, parent=opened_by)

    def commands_for(self, user: User, channel: Channel) -> list[dict[str, Any]]:
        """The commands that this member is offered here, the server's own before the global ones."""
        places = [channel.guild_id, None] if channel.guild_id is not None else [None]
        offered = [command for place in places for command in self._discord.commands.all(place)]
        return [command for command in offered if self._hidden(command, user, channel) is None]

    def _command(self, user: User, channel: Channel, name: str, kind: int) -> dict[str, Any]:
        if not may_see(self._discord.world, user, channel):
            raise Refused(f"{user.name} does not see this channel")
        command = self._discord.commands.find(name, kind, channel.guild_id)
        if command is None:
            raise Refused(f"the bot has registered no command {name!r}")
        reason = self._hidden(command, user, channel)
        if reason is not None:
            raise Refused(f"{name!r} {reason}")
        return command

    def _hidden(self, command: dict[str, Any], user: User, channel: Channel) -> str | None:
        """Why a command is not offered."""
        guild = self._guild(channel)
        contexts = command.get("contexts")
        if contexts is not None and (IN_GUILD if guild else IN_BOT_DM) not in contexts:
            return "is not offered in this kind of channel"
        if guild is None:
            return "is not offered in direct messages" if command.get("dm_permission") is False else None
        needed = command.get("default_member_permissions")
        if needed is not None and guild.permissions(user.id) & int(needed) != int(needed):
            return f"is not offered to {user.name}"
        if command.get("nsfw") and not channel.nsfw:
            return "is offered in age-restricted channels only"
        return None

    def _command_data(self, command: dict[str, Any], resolver: Resolver) -> dict[str, Any]:
        data = {
            "id": command["id"],
            "name": command["name"],
            "type": command["type"],
            "resolved": resolver.resolved,
        }
        return data | ({"guild_id": command["guild_id"]} if "guild_id" in command else {})

    def _submitted(self, part: dict[str, Any], left: dict[str, Any], resolver: Resolver) -> dict[str, Any]:
        """One part of a modal with what the member put in."""
        shown = {"type": part["type"], "id": part["id"]}
        if "components" in part:
            return shown | {
                "components": [self._submitted(inner, left, resolver) for inner in part["components"]]
            }
        if "component" in part:
            inner = part["component"] | {"label": part.get("label")}
            return shown | {"component": self._submitted(inner, left, resolver)}
        if "custom_id" not in part:
            return shown
        name = next((n for n in (part["custom_id"], part.get("label")) if n in left), None)
        value = _initial(part) if name is None else left.pop(name)
        shown["custom_id"] = part["custom_id"]
        if part["type"] in (TEXT_INPUT, CHECKBOX, RADIO):
            _check_text(part, value)
            return shown | {"value": value}
        self._resolve_picked(resolver, part["type"], value)
        return shown | {"values": value}

    def _resolve_picked(self, resolver: Resolver, kind: int, values: list[str]) -> None:
        """Menus of users, roles and channels, and files, say what their ids stand for."""
        # A menu's type and the command option that takes the same thing.
        option = {5: 6, 6: 8, 7: 9, 8: 7, FILE_UPLOAD: 11}.get(kind)
        if option is not None:
            for value in values:
                resolver.resolve([{"name": "picked", "type": option}], {"picked": value})

    def _resolver(self, channel: Channel) -> Resolver:
        discord = self._discord
        return Resolver(world=discord.world, payloads=discord.payloads, guild=self._guild(channel))

    def _guild(self, channel: Channel) -> Guild | None:
        return None if channel.guild_id is None else self._discord.world.guilds[channel.guild_id]

    def _start(
        self, kind: int, user: User, channel: Channel, data: dict[str, Any], **more: Any
    ) -> Interaction:
        return self._discord.interactions.start(kind, user.id, channel, data, **more)


def _named(message: Message, name: str, kinds: tuple[int, ...]) -> dict[str, Any]:
    """The component that a member means."""
    usable = [c for c in walk(message.components) if c["type"] in kinds and c.get("custom_id")]
    for component in usable:
        if name in (component["custom_id"], component.get("label"), component.get("placeholder")):
            if component.get("disabled"):
                raise Refused(f"{name!r} is disabled")
            return component
    shown = ", ".join(str(c.get("label") or c["custom_id"]) for c in usable) or "none"
    raise Refused(f"message {message.id} has no {name!r}; there are {shown}")


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
