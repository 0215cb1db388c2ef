"""Servers, members, roles, users and direct messages."""

from typing import Any

from ..errors import missing_access, missing_permissions, unknown
from ..guilds import Guild, Member, Role
from ..intents import MEMBERS
from ..permissions import Permission
from .call import NOTHING, Answer, Call, Route


def show_guild(call: Call) -> Answer:
    """One server."""
    return Answer(body=call.discord.payloads.guild(call.guild()))


def my_guilds(call: Call) -> Answer:
    """The servers the bot is in."""
    bot_id = call.discord.world.bot.id
    guilds: list[dict[str, Any]] = [
        {
            "id": str(guild.id),
            "name": guild.name,
            "icon": None,
            "banner": None,
            "owner": False,
            "permissions": str(guild.permissions(bot_id)),
            "features": [],
        }
        for guild in call.discord.world.guilds.values()
    ]
    return Answer(body=guilds)


def channels(call: Call) -> Answer:
    """A server's channels."""
    found = [c for c in call.discord.world.guild_channels(call.guild().id) if c.thread is None]
    return Answer(body=[call.discord.payloads.channel(channel) for channel in found])


def roles(call: Call) -> Answer:
    """A server's roles."""
    return Answer(body=[call.discord.payloads.role(role) for role in call.guild().roles.values()])


def members(call: Call) -> Answer:
    """A server's members after one of them, at most 1000, for bots with the GUILD_MEMBERS intent."""
    if not call.discord.settings.privileged_intents & MEMBERS:
        raise missing_access()
    limit, after = int(call.query.get("limit", 1)), int(call.query.get("after", 0))
    found = sorted((m for m in call.guild().members.values() if m.user.id > after), key=lambda m: m.user.id)
    return Answer(body=[call.discord.payloads.member(member) for member in found[:limit]])


def show_member(call: Call) -> Answer:
    """One member."""
    return Answer(body=call.discord.payloads.member(_member(call)))


def add_role(call: Call) -> Answer:
    """Give a member a role that stands below the bot's own."""
    guild, role, member = _below(call)
    if role.id not in member.roles:
        call.discord.set_roles(guild, member, [*member.roles, role.id])
    return NOTHING


def remove_role(call: Call) -> Answer:
    """Take a role from a member."""
    guild, role, member = _below(call)
    if role.id in member.roles:
        call.discord.set_roles(guild, member, [kept for kept in member.roles if kept != role.id])
    return NOTHING


def change_member(call: Call) -> Answer:
    """Give a member these roles and no others, where `roles` is given."""
    guild, member, body = call.guild(), _member(call), call.body or {}
    call.note_unserved("PATCH", MEMBER, served={"roles"})
    if body.get("roles") is not None:
        _change_roles(call, guild, member, [int(role_id) for role_id in body["roles"]])
    return Answer(body=call.discord.payloads.member(member))


def show_user(call: Call) -> Answer:
    """One user."""
    user = call.discord.world.users.get(call.id("user_id"))
    if user is None:
        raise unknown("User")
    return Answer(body=call.discord.payloads.user(user))


def open_dm(call: Call) -> Answer:
    """The direct messages with a user."""
    user = call.discord.world.users.get(int((call.body or {}).get("recipient_id") or 0))
    if user is None or user.bot:
        raise unknown("User")
    return Answer(body=call.discord.payloads.channel(call.discord.town.open_dm(user)))


def _change_roles(call: Call, guild: Guild, member: Member, wanted: list[int]) -> None:
    call.guild(Permission.MANAGE_ROLES)
    for role_id in set(wanted) ^ set(member.roles):
        _check_below(call, guild, _role(guild, role_id))
    call.discord.set_roles(guild, member, wanted)


def _member(call: Call) -> Member:
    member = call.guild().members.get(call.id("user_id"))
    if member is None:
        raise unknown("Member")
    return member


def _role(guild: Guild, role_id: int) -> Role:
    role = guild.roles.get(role_id)
    if role is None:
        raise unknown("Role")
    return role


def _below(call: Call) -> tuple[Guild, Role, Member]:
    """The path's server, role and member, where the bot may give and take that role."""
    guild = call.guild(Permission.MANAGE_ROLES)
    role, member = _role(guild, call.id("role_id")), _member(call)
    _check_below(call, guild, role)
    return guild, role, member


def _check_below(call: Call, guild: Guild, role: Role) -> None:
    """Nobody gives a role that is as high as their highest, or a bot's own."""
    if role.managed or role.position >= guild.highest_role(call.bot_id):
        raise missing_permissions()


GUILD = "/guilds/{guild_id}"
MEMBER = GUILD + "/members/{user_id}"
ROUTES = (
    Route(method="GET", path="/users/@me/guilds", handler=my_guilds),
    Route(method="GET", path=GUILD, handler=show_guild),
    Route(method="GET", path=GUILD + "/channels", handler=channels),
    Route(method="GET", path=GUILD + "/roles", handler=roles),
    Route(method="GET", path=GUILD + "/members", handler=members),
    Route(method="GET", path=MEMBER, handler=show_member),
    Route(method="PATCH", path=MEMBER, handler=change_member),
    Route(method="PUT", path=MEMBER + "/roles/{role_id}", handler=add_role),
    Route(method="DELETE", path=MEMBER + "/roles/{role_id}", handler=remove_role),
    Route(method="GET", path="/users/{user_id}", handler=show_user),
    Route(method="POST", path="/users/@me/channels", handler=open_dm),
)
