"""What a member does: commands, components, modals. Each returns the interaction that the bot was sent."""

from collections.abc import Mapping
from typing import Any

from ..commands import GUILD_INSTALL, SLASH
from ..commands import MESSAGE as MESSAGE_COMMAND
from ..commands import USER as USER_COMMAND
from ..components import SELECTS
from ..guilds import Guild, User
from ..interactions import AUTOCOMPLETE
from ..payloads import COMPONENT, MODAL_SUBMIT
from ..server import Discord
from ..state import Channel, Interaction
from .errors import Refused
from .options import Resolver, descend
from .parts import BUTTON, check_picked, named, resolve_picked, submitted
from .people import find_message, may_see

APPLICATION_COMMAND = 2
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
        resolver = self._resolver(user, channel)
        options = wrapped(resolver.resolve(declared, values, focused=focused))
        data = self._command_data(command, resolver) | {"options": options}
        return self._start(AUTOCOMPLETE if focused is not None else APPLICATION_COMMAND, user, channel, data)

    def user_command(self, user: User, channel: Channel, name: str, target: User) -> Interaction:
        """Use a command of a user's menu."""
        command = self._command(user, channel, name, USER_COMMAND)
        resolver = self._resolver(user, channel)
        resolver.refer_user(target.id)
        data = self._command_data(command, resolver) | {"target_id": str(target.id)}
        return self._start(APPLICATION_COMMAND, user, channel, data)

    def message_command(self, user: User, name: str, message_id: int) -> Interaction:
        """Use a command of a message's menu."""
        channel, message = find_message(self._discord.world, user, message_id)
        command = self._command(user, channel, name, MESSAGE_COMMAND)
        resolver = self._resolver(user, channel)
        resolver.resolved["messages"] = {str(message.id): self._discord.payloads.message(message)}
        data = self._command_data(command, resolver) | {"target_id": str(message.id)}
        return self._start(APPLICATION_COMMAND, user, channel, data)

    def press(self, user: User, message_id: int, button: str) -> Interaction:
        """Press a button, named by its custom_id or its label."""
        channel, message = find_message(self._discord.world, user, message_id)
        component = named(message, button, (BUTTON,))
        data = {"component_type": BUTTON, "custom_id": component["custom_id"], "id": component["id"]}
        return self._start(COMPONENT, user, channel, data, source=message)

    def select(self, user: User, message_id: int, menu: str, values: list[str]) -> Interaction:
        """Choose from a menu, named by its custom_id or placeholder; values are option values or ids."""
        channel, message = find_message(self._discord.world, user, message_id)
        component = named(message, menu, SELECTS)
        check_picked(component, menu, values)
        resolver = self._resolver(user, channel)
        resolve_picked(resolver, component, values)
        data = {"component_type": component["type"], "custom_id": component["custom_id"], "values": values}
        data |= {"id": component["id"], **resolver.section()}
        return self._start(COMPONENT, user, channel, data, source=message)

    def submit(self, user: User, opened_by: Interaction, values: Mapping[str, Any]) -> Interaction:
        """Send the modal that an interaction opened; values by custom_id or label, the rest as shown."""
        if opened_by.modal is None or opened_by.user_id != user.id:
            raise Refused(f"interaction {opened_by.id} opened no modal for {user.name}")
        world = self._discord.world
        channel = world.channels[opened_by.channel_id]
        resolver = self._resolver(user, channel)
        left = dict(values)
        components = [submitted(part, left, resolver) for part in opened_by.modal["components"]]
        if left:
            raise Refused(f"the modal has no field {next(iter(left))!r}")
        data = {"custom_id": opened_by.modal["custom_id"], "components": components, **resolver.section()}
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
        if channel.without_bot:
            return "is not offered where the bot is not"
        if channel.thread is not None and channel.thread.archived:
            return "is not offered in archived threads"
        guild = self._guild(channel)
        contexts = command.get("contexts")
        if contexts is not None and (IN_GUILD if guild else IN_BOT_DM) not in contexts:
            return "is not offered in this kind of channel"
        if guild is None:
            return "is not offered in direct messages" if command.get("dm_permission") is False else None
        if GUILD_INSTALL not in command.get("integration_types", [GUILD_INSTALL]):
            return "is offered by apps that people carry with them only"
        if not self._discord.command_permissions.allows(command, user.id, channel):
            return f"is not offered to {user.name}"
        if command.get("nsfw") and not self._discord.world.age_restricted(channel):
            return "is offered in age-restricted channels only"
        return None

    def _command_data(self, command: dict[str, Any], resolver: Resolver) -> dict[str, Any]:
        shown = {key: command[key] for key in ("id", "name", "type", "guild_id") if key in command}
        return shown | resolver.section()

    def _resolver(self, user: User, channel: Channel) -> Resolver:
        discord = self._discord
        return Resolver(
            world=discord.world,
            payloads=discord.payloads,
            guild=self._guild(channel),
            channel=channel,
            user_id=user.id,
        )

    def _guild(self, channel: Channel) -> Guild | None:
        return None if channel.guild_id is None else self._discord.world.guilds[channel.guild_id]

    def _start(
        self, kind: int, user: User, channel: Channel, data: dict[str, Any], **more: Any
    ) -> Interaction:
        return self._discord.interactions.start(kind, user.id, channel, data, **more)
