"""Servers, channels, members, roles, users and direct messages."""

from typing import Any

from ..errors import unknown
from ..state import Member
from .call import NOTHING, Answer, Call, Route


def show_channel(call: Call) -> Answer:
    """One channel."""
    return Answer(body=call.discord.payloads.channel(call.channel()))


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
    found = call.discord.world.guild_channels(call.guild().id)
    return Answer(body=[call.discord.payloads.channel(channel) for channel in found])


def roles(call: Call) -> Answer:
    """A server's roles."""
    return Answer(body=[call.discord.payloads.role(role) for role in call.guild().roles.values()])


def members(call: Call) -> Answer:
    """A server's members after one of them, at most 1000."""
    limit, after = int(call.query.get("limit", 1)), int(call.query.get("after", 0))
    found = sorted((m for m in call.guild().members.values() if m.user.id > after), key=lambda m: m.user.id)
    return Answer(body=[call.discord.payloads.member(member) for member in found[:limit]])


def show_member(call: Call) -> Answer:
    """One member."""
    return Answer(body=call.discord.payloads.member(_member(call)))


def add_role(call: Call) -> Answer:
    """Give a member a role."""
    role_id, member = _role(call), _member(call)
    if role_id not in member.roles:
        member.roles.append(role_id)
    call.discord.announce("GUILD_MEMBER_UPDATE", _updated(call, member))
    return NOTHING


def remove_role(call: Call) -> Answer:
    """Take a role from a member."""
    role_id, member = _role(call), _member(call)
    if role_id in member.roles:
        member.roles.remove(role_id)
    call.discord.announce("GUILD_MEMBER_UPDATE", _updated(call, member))
    return NOTHING


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


def _member(call: Call) -> Member:
    member = call.guild().members.get(call.id("user_id"))
    if member is None:
        raise unknown("Member")
    return member


def _role(call: Call) -> int:
    role_id = call.id("role_id")
    if role_id not in call.guild().roles:
        raise unknown("Role")
    return role_id


def _updated(call: Call, member: Member) -> dict[str, object]:
    return call.discord.payloads.member(member) | {"guild_id": call.path["guild_id"]}


GUILD = "/guilds/{guild_id}"
MEMBER = GUILD + "/members/{user_id}"
ROUTES = (
    Route(method="GET", path="/channels/{channel_id}", handler=show_channel),
    Route(method="GET", path="/users/@me/guilds", handler=my_guilds),
    Route(method="GET", path=GUILD, handler=show_guild),
    Route(method="GET", path=GUILD + "/channels", handler=channels),
    Route(method="GET", path=GUILD + "/roles", handler=roles),
    Route(method="GET", path=GUILD + "/members", handler=members),
    Route(method="GET", path=MEMBER, handler=show_member),
    Route(method="PUT", path=MEMBER + "/roles/{role_id}", handler=add_role),
    Route(method="DELETE", path=MEMBER + "/roles/{role_id}", handler=remove_role),
    Route(method="GET", path="/users/{user_id}", handler=show_user),
    Route(method="POST", path="/users/@me/channels", handler=open_dm),
)
