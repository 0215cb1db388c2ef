"""Who may use a command in a server, as its moderators set it: Discord's *application command permissions*.

A command's own settings stand in place of those of the whole app. Of the settings for a channel the one that
names it decides, else the one for all channels. Of those for a person the one that names them decides, else
their roles' (one that allows is enough), else @everyone's; only where none is set does the command's
`default_member_permissions` count. Administrators may use every command.
"""

from collections.abc import Callable
from typing import Any

from .errors import DiscordError
from .permissions import ALL_PERMISSIONS, Permission, in_channel
from .state import Channel, World

Command = dict[str, Any]
Setting = dict[str, Any]  # {"id", "type", "permission"}
ROLE, USER, CHANNEL = 1, 2, 3
MOST = 100


class CommandPermissions:
    """The settings, by server and by command; the app's own id stands for all of its commands."""

    def __init__(self, *, world: World, announce: Callable[[str, dict[str, Any]], None]) -> None:
        self._world = world
        self._announce = announce
        self._set: dict[tuple[int, int], list[Setting]] = {}

    def all(self, guild_id: int) -> list[dict[str, Any]]:
        """What is set in a server, for every command that has something of its own."""
        return [self._shown(*key) for key in self._set if key[0] == guild_id]

    def show(self, guild_id: int, command_id: int) -> dict[str, Any]:
        """What is set for one command. Raises DiscordError when nothing is."""
        if (guild_id, command_id) not in self._set:
            raise DiscordError(404, 10066, "Unknown application command permissions")
        return self._shown(guild_id, command_id)

    def replace(self, guild_id: int, command_id: int, settings: list[Setting]) -> dict[str, Any]:
        """Set these and no others; with none, the app's count again."""
        if len(settings) > MOST:
            raise DiscordError(400, 50035, "Invalid Form Body")
        kept = [{name: setting[name] for name in ("id", "type", "permission")} for setting in settings]
        self._set[guild_id, command_id] = [setting | {"id": str(setting["id"])} for setting in kept]
        shown = self._shown(guild_id, command_id)
        if not settings:
            del self._set[guild_id, command_id]
        self._announce("APPLICATION_COMMAND_PERMISSIONS_UPDATE", shown)
        return shown

    def allows(self, command: Command, user_id: int, channel: Channel) -> bool:
        """Whether a member of a server is offered a command in one of its channels."""
        guild = self._world.guilds[channel.guild_id or 0]
        may = in_channel(self._world, channel, user_id)
        if may == ALL_PERMISSIONS:
            return True
        if not may & Permission.USE_APPLICATION_COMMANDS:
            return False
        places = (int(command["id"]), self._world.bot.id)
        settings = next((self._set[guild.id, i] for i in places if (guild.id, i) in self._set), [])
        if not _decided(
            settings, CHANNEL, [[channel.parent_id or channel.id], [guild.id - 1]], otherwise=True
        ):
            return False
        needed = int(command.get("default_member_permissions") or 0)
        by_default = command.get("default_member_permissions") != "0" and may & needed == needed
        named = _decided(settings, USER, [[user_id]], otherwise=None)
        if named is not None:
            return named
        roles = guild.members[user_id].roles
        return bool(_decided(settings, ROLE, [roles, [guild.id]], otherwise=by_default))

    def _shown(self, guild_id: int, command_id: int) -> dict[str, Any]:
        return {
            "id": str(command_id),
            "application_id": str(self._world.bot.id),
            "guild_id": str(guild_id),
            "permissions": self._set[guild_id, command_id],
        }


def _decided(
    settings: list[Setting], kind: int, steps: list[list[int]], *, otherwise: bool | None
) -> bool | None:
    """What the first step with anything set says; of several in one step, one that allows is enough."""
    for targets in steps:
        found = [s["permission"] for s in settings if s["type"] == kind and int(s["id"]) in targets]
        if found:
            return any(found)
    return otherwise
