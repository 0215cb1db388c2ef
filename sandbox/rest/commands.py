"""The bot's commands, everywhere or in one server, and who may use them."""

from ..commands import Command
from ..errors import DiscordError, unknown
from ..guilds import Guild
from ..permissions import Permission, in_guild
from .call import NOTHING, Answer, Call, Route


def listing(call: Call) -> Answer:
    """The commands registered in one place."""
    return Answer(body=call.discord.commands.all(_place(call)))


def replace(call: Call) -> Answer:
    """Register these commands and no others."""
    registered = call.discord.commands.replace(_place(call), call.body or [])
    # No event for the bot, but whoever waits for a command looks again.
    call.discord.announce(None)
    return Answer(body=registered)


def create(call: Call) -> Answer:
    """Register one more command, or a new form of the one with its name."""
    command, new = call.discord.commands.add(_place(call), call.body)
    call.discord.announce(None)
    return Answer(status=201 if new else 200, body=command)


def show(call: Call) -> Answer:
    """One command."""
    return Answer(body=_command(call))


def change(call: Call) -> Answer:
    """Change what the body names."""
    changed = call.discord.commands.change(_place(call), _command(call), call.body or {})
    call.discord.announce(None)
    return Answer(body=changed)


def delete(call: Call) -> Answer:
    """Remove a command."""
    call.discord.commands.delete(_place(call), _command(call))
    call.discord.announce(None)
    return NOTHING


def all_permissions(call: Call) -> Answer:
    """What moderators have set for commands in a server."""
    return Answer(body=call.discord.command_permissions.all(call.guild().id))


def permissions(call: Call) -> Answer:
    """What they have set for one."""
    return Answer(body=call.discord.command_permissions.show(call.guild().id, call.id("command_id")))


def set_permissions(call: Call) -> Answer:
    """Set who may use a command: for moderators by their own token, never for bots."""
    if call.bearer is None:
        raise DiscordError(403, 20001, "Bots cannot use this endpoint")
    guild = call.guild()
    _check_moderator(guild, call.bearer)
    settings = (call.body or {}).get("permissions") or []
    return Answer(body=call.discord.command_permissions.replace(guild.id, call.id("command_id"), settings))


def _check_moderator(guild: Guild, token: str) -> None:
    """A member's token is their name, here."""
    found = (m.user.id for m in guild.members.values() if m.user.name == token and not m.user.bot)
    user_id = next(found, None)
    needed = Permission.MANAGE_GUILD | Permission.MANAGE_ROLES
    if user_id is None:
        raise DiscordError(401, 0, "401: Unauthorized")
    if in_guild(guild, user_id) & needed != needed:
        raise DiscordError(403, 50013, "Missing Permissions")


def _place(call: Call) -> int | None:
    return call.guild().id if "guild_id" in call.path else None


def _command(call: Call) -> Command:
    wanted = call.path["command_id"]
    found = next(
        (command for command in call.discord.commands.all(_place(call)) if command["id"] == wanted), None
    )
    if found is None:
        raise unknown("application command")
    return found


EVERYWHERE = "/applications/{application_id}/commands"
IN_GUILD = "/applications/{application_id}/guilds/{guild_id}/commands"
PERMISSIONS = IN_GUILD + "/{command_id}/permissions"
ROUTES = (
    *(
        Route(method=method, path=path, handler=handler)
        for path in (EVERYWHERE, IN_GUILD)
        for method, handler in (("GET", listing), ("PUT", replace), ("POST", create))
    ),
    Route(method="GET", path=IN_GUILD + "/permissions", handler=all_permissions),
    Route(method="GET", path=PERMISSIONS, handler=permissions),
    Route(method="PUT", path=PERMISSIONS, handler=set_permissions, by_bot=False),
    *(
        Route(method=method, path=path + "/{command_id}", handler=handler)
        for path in (EVERYWHERE, IN_GUILD)
        for method, handler in (("GET", show), ("PATCH", change), ("DELETE", delete))
    ),
)
