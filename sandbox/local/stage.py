"""The stage of a test: the place and its people, faults, the clock, and what was noted."""

from dataclasses import asdict, fields
from typing import Any

from ..faults import Fault, FaultKind, NoSuchFault
from ..server import Discord
from ..town import ACCOUNT_DAYS
from .errors import Refused
from .people import find_channel, find_guild, find_user

Body = dict[str, Any]


def town(discord: Discord, _: Body) -> Body:
    """Servers with their channels, roles and members; the bot; whether it is connected."""
    world = discord.world
    return {
        "bot_id": str(world.bot.id),
        "connected": discord.gateway.connected(),
        "guilds": [discord.payloads.guild_create(guild) for guild in world.guilds.values()],
    }


def add_member(discord: Discord, body: Body) -> Body:
    """A new person in a server, with roles by name; `accepts_dms` false closes their direct messages.

    `account_days` says how old their account is.
    """
    guild = find_guild(discord.world, body.get("guild"))
    by_name = {role.name: role.id for role in guild.roles.values()}
    user = discord.town.add_user(body["name"], account_days=float(body.get("account_days", ACCOUNT_DAYS)))
    user.accepts_dms = body.get("accepts_dms", True)
    member = discord.town.join(guild, user, roles=[by_name[name] for name in body.get("roles", ())])
    payload = discord.payloads.member(member) | {"guild_id": str(guild.id)}
    discord.announce("GUILD_MEMBER_ADD", payload)
    return payload


def remove_member(discord: Discord, body: Body) -> None:
    """Someone leaves a server, or is banned from it."""
    guild, user = find_guild(discord.world, body.get("guild")), find_user(discord.world, body["member"])
    if guild.members.pop(user.id, None) is None:
        raise Refused(f"{user.name} is no member of {guild.name}")
    payload = {"guild_id": str(guild.id), "user": discord.payloads.user(user)}
    discord.announce("GUILD_MEMBER_REMOVE", payload)


def remove_channel(discord: Discord, body: Body) -> None:
    """A channel is deleted with everything in it."""
    discord.remove_channel(find_channel(discord.world, body["channel"]))


def add_role(discord: Discord, body: Body) -> Body:
    """A new role with Discord's permission bits."""
    guild = find_guild(discord.world, body.get("guild"))
    role = discord.payloads.role(discord.town.add_role(guild, body["name"], int(body.get("permissions", 0))))
    discord.announce("GUILD_ROLE_CREATE", {"guild_id": str(guild.id), "role": role})
    return role


def add_channel(discord: Discord, body: Body) -> Body:
    """A new text channel."""
    guild = find_guild(discord.world, body.get("guild"))
    channel = discord.town.add_channel(guild, body["name"], nsfw=bool(body.get("nsfw")))
    payload = discord.payloads.channel(channel)
    discord.announce("CHANNEL_CREATE", payload)
    return payload


def add_guild(discord: Discord, body: Body) -> Body:
    """A new server that the bot joins; `upload_limit` in bytes, else by `premium_tier`."""
    owner = find_user(discord.world, body["owner"])
    tier, limit = int(body.get("premium_tier", 0)), body.get("upload_limit")
    guild = discord.town.add_guild(body["name"], owner, premium_tier=tier, upload_limit=limit)
    payload = discord.payloads.guild_create(guild)
    discord.announce("GUILD_CREATE", payload)
    return payload


def open_dm(discord: Discord, body: Body) -> Body:
    """A member's direct messages with the bot, or `with_member`."""
    user, peer = (
        find_user(discord.world, body["member"]),
        find_user(discord.world, body.get("with_member") or discord.world.bot.name),
    )
    channel = discord.town.open_dm(user) if peer.bot else discord.town.open_dm_between(user, peer)
    discord.announce(None)
    return discord.payloads.channel(channel)


def add_fault(discord: Discord, body: Body) -> Body:
    """Let something go wrong; the `id` is for `faults` to clear it."""
    try:
        kind = FaultKind(body.get("kind", ""))
    except ValueError:
        raise Refused(f"there is no fault {body.get('kind')!r}; there are {', '.join(FaultKind)}") from None
    unknown = body.keys() - {field.name for field in fields(Fault)}
    if unknown:
        raise Refused(f"a fault has no {min(unknown)!r}")
    try:
        return {"id": discord.faults.add(Fault(**body | {"kind": kind}))}
    except NoSuchFault as error:
        raise Refused(str(error)) from None


def faults(discord: Discord, body: Body) -> list[Body]:
    """The faults that have not run out yet, each with its `id` and what is `left` of it: times or seconds.

    With `clear` true none stay; with an id in `clear`, that one goes.
    """
    clear = body.get("clear")
    if clear:
        discord.faults.clear(None if clear is True else int(clear))
    now = discord.clock.now()
    return [
        asdict(active.fault)
        | {
            "id": active.id,
            "left": None if active.until else active.left,
            "left_s": round(active.until - now, 1) if active.until else None,
        }
        for active in discord.faults.waiting()
    ]


def drop_gateway(discord: Discord, body: Body) -> None:
    """Cut the gateway's connections; new ones wait `down_s` seconds."""
    discord.gateway.drop(down_s=float(body.get("down_s", 0)))


def reconnect_gateway(discord: Discord, _: Body) -> None:
    """Ask bots to come back over another connection."""
    discord.gateway.reconnect()


def invalidate(discord: Discord, body: Body) -> None:
    """Declare every gateway session invalid."""
    discord.gateway.invalidate(resumable=bool(body.get("resumable")))


def advance(discord: Discord, body: Body) -> None:
    """Let time pass at once: tokens, CDN addresses, rate limits and faults age."""
    discord.clock.advance(float(body["seconds"]))


def hold_clock(discord: Discord, _: Body) -> None:
    """Let time pass by `advance` alone from here on."""
    discord.clock.hold()


def violations(discord: Discord, _: Body) -> Body:
    """What did not fit Discord's API description, and whether it was there to check against."""
    found = [asdict(violation) for violation in discord.openapi.violations]
    return {"checked": discord.openapi.active, "violations": found}


def served(discord: Discord, _: Body) -> Body:
    """Every request answered so far, and the gateway's sessions begun and resumed."""
    gateway = {"identified": discord.gateway.identified, "resumed": discord.gateway.resumed}
    return gateway | {"requests": [asdict(request) for request in discord.served]}
