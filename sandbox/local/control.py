"""The HTTP API under /local: members' acts, what they see, and the faults and clock of the server."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

from aiohttp import web

from ..errors import DiscordError
from ..faults import Fault, FaultKind
from ..keys import DISCORD
from ..server import Discord
from ..state import EPHEMERAL, MANAGE_MESSAGES, Interaction
from ..uploads import Upload
from .acts import Acts
from .errors import Refused
from .people import find_channel, find_guild, find_message, find_user, may_see
from .views import seen_interaction, seen_message

Body = dict[str, Any]
Handler = Callable[[Discord, Body], Any]
LONGEST_WAIT_S = 30.0


def town(discord: Discord, _: Body) -> Body:
    """Servers with their channels, roles and members; the bot; whether it is connected."""
    world = discord.world
    return {
        "bot_id": str(world.bot.id),
        "connected": discord.gateway.connected(),
        "guilds": [discord.payloads.guild_create(guild) for guild in world.guilds.values()],
    }


def add_member(discord: Discord, body: Body) -> Body:
    """A new person in a server, with roles by name; `accepts_dms` false closes their direct messages."""
    guild = find_guild(discord.world, body.get("guild"))
    by_name = {role.name: role.id for role in guild.roles.values()}
    user = discord.town.add_user(body["name"])
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
    channel = find_channel(discord.world, body["channel"])
    del discord.world.channels[channel.id]
    discord.announce("CHANNEL_DELETE", discord.payloads.channel(channel))


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
    """A member's direct messages with the bot."""
    return discord.payloads.channel(discord.town.open_dm(find_user(discord.world, body["member"])))


def commands(discord: Discord, body: Body) -> list[Body]:
    """The commands offered to a member in a channel."""
    world = discord.world
    return Acts(discord).commands_for(find_user(world, body["member"]), find_channel(world, body["channel"]))


def slash(discord: Discord, body: Body) -> Body:
    """Use a slash command, or ask for the choices of its `focused` option."""
    world = discord.world
    user, channel = find_user(world, body["member"]), find_channel(world, body["channel"])
    started = Acts(discord).slash(
        user, channel, body["command"], body["options"], focused=body.get("focused")
    )
    return seen_interaction(started)


def user_command(discord: Discord, body: Body) -> Body:
    """Use a command of a user's menu."""
    world = discord.world
    user, channel = find_user(world, body["member"]), find_channel(world, body["channel"])
    target = find_user(world, body["target"])
    return seen_interaction(Acts(discord).user_command(user, channel, body["command"], target))


def message_command(discord: Discord, body: Body) -> Body:
    """Use a command of a message's menu."""
    user = find_user(discord.world, body["member"])
    return seen_interaction(Acts(discord).message_command(user, body["command"], int(body["message"])))


def press(discord: Discord, body: Body) -> Body:
    """Press a button."""
    user = find_user(discord.world, body["member"])
    return seen_interaction(Acts(discord).press(user, int(body["message"]), body["button"]))


def select(discord: Discord, body: Body) -> Body:
    """Choose from a menu."""
    user = find_user(discord.world, body["member"])
    started = Acts(discord).select(user, int(body["message"]), body["menu"], body["values"])
    return seen_interaction(started)


def submit(discord: Discord, body: Body) -> Body:
    """Send a modal."""
    user = find_user(discord.world, body["member"])
    return seen_interaction(Acts(discord).submit(user, _interaction(discord, body), body["values"]))


def say(discord: Discord, body: Body) -> Body:
    """Post a message as a member."""
    user, channel = find_user(discord.world, body["member"]), find_channel(discord.world, body["channel"])
    if not may_see(discord.world, user, channel):
        raise Refused(f"{user.name} does not see this channel")
    return seen_message(discord, discord.chat.post(channel, user.id, {"content": body["content"]}, {}))


def react(discord: Discord, body: Body) -> Body:
    """Add a member's reaction, or with `remove` take it back."""
    user = find_user(discord.world, body["member"])
    _, message = find_message(discord.world, user, int(body["message"]))
    act = discord.chat.unreact if body.get("remove") else discord.chat.react
    act(message, user.id, body["emoji"])
    return seen_message(discord, message)


def delete(discord: Discord, body: Body) -> None:
    """Remove a message, as its author or a moderator may; whoever got an ephemeral one may dismiss it."""
    user = find_user(discord.world, body["member"])
    channel, message = find_message(discord.world, user, int(body["message"]))
    guild = discord.world.guilds.get(channel.guild_id or 0)
    moderator = guild is not None and guild.permissions(user.id) & MANAGE_MESSAGES
    if not (moderator or message.author_id == user.id or message.flags & EPHEMERAL):
        raise Refused(f"{user.name} may not delete message {message.id}")
    discord.chat.delete(channel, message)


def messages(discord: Discord, body: Body) -> list[Body]:
    """A channel as one member sees it; with `interaction`, only what came of that."""
    user, channel = find_user(discord.world, body["member"]), find_channel(discord.world, body["channel"])
    if not may_see(discord.world, user, channel):
        raise Refused(f"{user.name} does not see this channel")
    seen = channel.visible_to(user.id)
    if "interaction" in body:
        wanted = int(body["interaction"])
        seen = [message for message in seen if message.interaction and message.interaction.id == wanted]
    return [seen_message(discord, message) for message in seen]


def interaction(discord: Discord, body: Body) -> Body:
    """What became of an interaction."""
    return seen_interaction(_interaction(discord, body))


async def changes(discord: Discord, body: Body) -> Body:
    """Wait until something has happened after version `after`."""
    wait_s = min(float(body.get("wait_s", LONGEST_WAIT_S)), LONGEST_WAIT_S)
    return {"version": await discord.changes.after(int(body.get("after", 0)), timeout_s=wait_s)}


def add_fault(discord: Discord, body: Body) -> None:
    """Let something go wrong."""
    discord.faults.add(Fault(**body | {"kind": FaultKind(body["kind"])}))


def faults(discord: Discord, body: Body) -> list[Body]:
    """The faults that have not run out yet; with `clear`, none are left."""
    if body.get("clear"):
        discord.faults.clear()
    return [asdict(fault) for fault in discord.faults.waiting()]


async def drop_gateway(discord: Discord, body: Body) -> None:
    """Cut the gateway's connections; new ones wait `down_s` seconds."""
    await discord.gateway.drop(down_s=float(body.get("down_s", 0)))


def invalidate(discord: Discord, body: Body) -> None:
    """Declare every gateway session invalid."""
    discord.gateway.invalidate(resumable=bool(body.get("resumable")))


def advance(discord: Discord, body: Body) -> None:
    """Let time pass at once: tokens and CDN addresses age."""
    discord.clock.advance(float(body["seconds"]))


def violations(discord: Discord, _: Body) -> Body:
    """What did not fit Discord's API description, and whether it was there to check against."""
    found = [asdict(violation) for violation in discord.openapi.violations]
    return {"checked": discord.openapi.active, "violations": found}


def served(discord: Discord, _: Body) -> Body:
    """Every request answered so far, and the gateway's sessions begun and resumed."""
    gateway = {"identified": discord.gateway.identified, "resumed": discord.gateway.resumed}
    return gateway | {"requests": [asdict(request) for request in discord.served]}


async def upload(request: web.Request) -> web.Response:
    """POST /local/upload?channel=&filename=: put a member's file on the CDN, for an attachment option."""
    discord = request.app[DISCORD]
    channel = find_channel(discord.world, request.query["channel"])
    sent = Upload(filename=request.query["filename"], data=await request.read())
    return web.json_response(discord.payloads.attachment(discord.chat.store(channel, sent, {})))


# fmt: off
ACTS: tuple[Handler, ...] = (
    town, add_member, remove_member, add_role, add_channel, remove_channel, add_guild, open_dm,
    commands, slash, user_command, message_command, press, select, submit, say, react, delete,
    messages, interaction, changes,
    add_fault, faults, drop_gateway, invalidate, advance, violations, served,
)
# fmt: on


def routes() -> list[web.RouteDef]:
    """POST /local/<name> with a JSON body, for each act."""
    acts = [web.post(f"/local/{act.__name__}", _served(act)) for act in ACTS]
    return [*acts, web.post("/local/upload", upload)]


def _served(act: Handler) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        try:
            result = act(request.app[DISCORD], await request.json())
            if isinstance(result, Awaitable):
                result = await result
        except (Refused, DiscordError) as error:
            return web.json_response({"error": str(error)}, status=400)
        return web.json_response(result)

    return handle


def _interaction(discord: Discord, body: Body) -> Interaction:
    found = discord.world.interactions.get(int(body["interaction"]))
    if found is None:
        raise Refused(f"there is no interaction {body['interaction']}")
    return found
