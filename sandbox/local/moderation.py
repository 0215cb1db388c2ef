"""What those who run a server set: roles, channels, threads, and who may use which command."""

from typing import Any

from ..guilds import Guild, User
from ..permissions import Permission, in_channel
from ..server import Discord
from ..state import PRIVATE_THREAD, PUBLIC_THREAD, Channel, Thread
from .errors import Refused
from .people import find_channel, find_guild, find_message, find_user, may_see

Body = dict[str, Any]
ROLE, MEMBER = 0, 1  # whom an overwrite is for


def set_roles(discord: Discord, body: Body) -> Body:
    """Give a member, or the bot, these roles and no others, by name."""
    guild, user = find_guild(discord.world, body.get("guild")), find_user(discord.world, body["member"])
    member = guild.members.get(user.id)
    if member is None:
        raise Refused(f"{user.name} is no member of {guild.name}")
    discord.set_roles(guild, member, [_role(guild, name) for name in body["roles"]])
    return discord.payloads.member(member)


def change_role(discord: Discord, body: Body) -> Body:
    """Give a role other permissions, as Discord's bits."""
    guild = find_guild(discord.world, body.get("guild"))
    role = guild.roles[_role(guild, body["role"])]
    role.permissions = int(body["permissions"])
    shown = discord.payloads.role(role)
    discord.announce("GUILD_ROLE_UPDATE", {"guild_id": str(guild.id), "role": shown})
    return shown


def change_channel(discord: Discord, body: Body) -> Body:
    """Give a channel another name, or another age restriction."""
    channel = find_channel(discord.world, body["channel"])
    channel.name, channel.nsfw = body.get("name", channel.name), bool(body.get("nsfw", channel.nsfw))
    discord.announcer.channel("CHANNEL_UPDATE", channel)
    return discord.payloads.channel(channel)


def change_guild(discord: Discord, body: Body) -> Body:
    """Boost a server to `premium_tier`, which decides how large uploads may be; or prefer a `locale`."""
    guild = find_guild(discord.world, body.get("guild"))
    guild.premium_tier = int(body.get("premium_tier", guild.premium_tier))
    guild.locale = str(body.get("locale", guild.locale))
    shown = discord.payloads.guild(guild)
    discord.announce("GUILD_UPDATE", shown)
    return shown


def set_locale(discord: Discord, body: Body) -> None:
    """The language of a member's client, as Discord names it: "de", "es-419"."""
    find_user(discord.world, body["member"]).locale = str(body["locale"])


def set_overwrite(discord: Discord, body: Body) -> None:
    """Let a channel allow and deny bits to a `role` or a `member`, the bot too."""
    channel = find_channel(discord.world, body["channel"])
    guild = discord.world.guilds[channel.guild_id or 0]
    role = body.get("role")
    target = _role(guild, role) if role else find_user(discord.world, body["member"]).id
    bits = {name: int(body.get(name, 0)) for name in ("allow", "deny")}
    discord.set_overwrite(channel, target, kind=ROLE if role else MEMBER, **bits)


def set_command_permissions(discord: Discord, body: Body) -> Body:
    """Set who may use a command; each setting is {"id", "type": 1 role, 2 user, 3 channel, "permission"}.

    Without `command`, for all of the app's commands.
    """
    guild, name = find_guild(discord.world, body.get("guild")), body.get("command")
    places = (guild.id, None)
    named = (c for place in places for c in discord.commands.all(place) if c["name"] == name)
    command = next(named, {"id": str(discord.world.bot.id)} if name is None else None)
    if command is None:
        raise Refused(f"the bot has registered no command {name!r}")
    return discord.command_permissions.replace(guild.id, int(command["id"]), body["permissions"])


def add_thread(discord: Discord, body: Body) -> Body:
    """Begin a thread as a member: at a `message`, or in a `channel`, there also `private`."""
    user = find_user(discord.world, body["member"])
    if "message" in body:
        parent, message = find_message(discord.world, user, int(body["message"]))
        _check_may_begin(discord, user, parent, PUBLIC_THREAD)
        return discord.payloads.channel(discord.threads.begin_at(parent, message, user.id, name=body["name"]))
    parent = find_channel(discord.world, body["channel"])
    if not may_see(discord.world, user, parent):
        raise Refused(f"{user.name} does not see this channel")
    kind = PRIVATE_THREAD if body.get("private") else PUBLIC_THREAD
    _check_may_begin(discord, user, parent, kind)
    return discord.payloads.channel(discord.threads.begin(parent, kind, user.id, name=body["name"]))


def change_thread(discord: Discord, body: Body) -> Body:
    """Archive or lock a thread, take it up again, or name it anew."""
    channel, thread = _thread(discord, body)
    settings: Body = {name: body[name] for name in ("name", "archived", "locked") if name in body}
    discord.threads.change(channel, thread, settings)
    return discord.payloads.channel(channel)


def thread_member(discord: Discord, body: Body) -> None:
    """Add a member, or the bot, to a thread; with `remove`, take them out."""
    channel, thread = _thread(discord, body)
    act = discord.threads.leave if body.get("remove") else discord.threads.join
    act(channel, thread, find_user(discord.world, body["member"]).id)


def pin(discord: Discord, body: Body) -> None:
    """Pin a message as a member who may; with `remove`, unpin it."""
    user = find_user(discord.world, body["member"])
    channel, message = find_message(discord.world, user, int(body["message"]))
    if not in_channel(discord.world, channel, user.id) & Permission.PIN_MESSAGES:
        raise Refused(f"{user.name} may not pin messages here")
    if body.get("remove"):
        discord.pins.remove(channel, message)
    else:
        discord.pins.add(channel, message, user.id)


def _check_may_begin(discord: Discord, user: User, parent: Channel, kind: int) -> None:
    private = kind == PRIVATE_THREAD
    needed = Permission.CREATE_PRIVATE_THREADS if private else Permission.CREATE_PUBLIC_THREADS
    if not in_channel(discord.world, parent, user.id) & needed:
        raise Refused(f"{user.name} may begin no {'private' if private else 'public'} threads here")


def _role(guild: Guild, name: str) -> int:
    for role in guild.roles.values():
        if name in (role.name, str(role.id)):
            return role.id
    raise Refused(f"there is no role {name!r}; there are {', '.join(r.name for r in guild.roles.values())}")


def _thread(discord: Discord, body: Body) -> tuple[Channel, Thread]:
    channel = find_channel(discord.world, body["channel"])
    if channel.thread is None:
        raise Refused(f"{channel.name} is no thread")
    return channel, channel.thread


ACTS = (
    set_roles,
    set_locale,
    change_role,
    change_channel,
    change_guild,
    set_overwrite,
    set_command_permissions,
    add_thread,
    change_thread,
    thread_member,
    pin,
)
