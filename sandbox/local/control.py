"""The HTTP API under /local: members' acts, what they see, and the stage of a test."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from ..errors import DiscordError
from ..keys import DISCORD
from ..permissions import Permission, in_channel
from ..server import Discord
from ..state import EPHEMERAL, Interaction
from . import moderation, stage
from .acts import Acts
from .errors import Refused
from .people import find_channel, find_message, find_user, may_see
from .reading import fault_choices, history
from .sending import say, upload
from .views import seen_interaction, seen_message

Body = dict[str, Any]
Handler = Callable[[Discord, Body], Any]
Asked = Callable[[web.Request], Awaitable[Any]]
LONGEST_WAIT_S = 30.0


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
    return seen_interaction(discord, started)


def user_command(discord: Discord, body: Body) -> Body:
    """Use a command of a user's menu."""
    world = discord.world
    user, channel = find_user(world, body["member"]), find_channel(world, body["channel"])
    target = find_user(world, body["target"])
    return seen_interaction(discord, Acts(discord).user_command(user, channel, body["command"], target))


def message_command(discord: Discord, body: Body) -> Body:
    """Use a command of a message's menu."""
    user = find_user(discord.world, body["member"])
    return seen_interaction(
        discord, Acts(discord).message_command(user, body["command"], int(body["message"]))
    )


def press(discord: Discord, body: Body) -> Body:
    """Press a button."""
    user = find_user(discord.world, body["member"])
    return seen_interaction(discord, Acts(discord).press(user, int(body["message"]), body["button"]))


def select(discord: Discord, body: Body) -> Body:
    """Choose from a menu."""
    user = find_user(discord.world, body["member"])
    started = Acts(discord).select(user, int(body["message"]), body["menu"], body["values"])
    return seen_interaction(discord, started)


def submit(discord: Discord, body: Body) -> Body:
    """Send a modal."""
    user = find_user(discord.world, body["member"])
    return seen_interaction(discord, Acts(discord).submit(user, _interaction(discord, body), body["values"]))


def react(discord: Discord, body: Body) -> Body:
    """Add a member's reaction, or with `remove` take it back."""
    user = find_user(discord.world, body["member"])
    _, message = find_message(discord.world, user, int(body["message"]))
    if message.only_for is not None:
        raise Refused("an answer that only one member sees takes no reactions")
    act = discord.reactions.remove if body.get("remove") else discord.reactions.add
    act(message, user.id, body["emoji"])
    return seen_message(discord, message)


def delete(discord: Discord, body: Body) -> None:
    """Remove a message, as its author or a moderator may; whoever got an ephemeral one may dismiss it."""
    user = find_user(discord.world, body["member"])
    channel, message = find_message(discord.world, user, int(body["message"]))
    moderator = in_channel(discord.world, channel, user.id) & Permission.MANAGE_MESSAGES
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
    return seen_interaction(discord, _interaction(discord, body))


async def changes(discord: Discord, body: Body) -> Body:
    """Wait until something has happened after version `after`."""
    wait_s = min(float(body.get("wait_s", LONGEST_WAIT_S)), LONGEST_WAIT_S)
    return {"version": await discord.changes.after(int(body.get("after", 0)), timeout_s=wait_s)}


# fmt: off
ACTS: tuple[Handler, ...] = (
    commands, slash, user_command, message_command, press, select, submit, say, react, delete,
    messages, history, interaction, changes, fault_choices,
    stage.town, stage.add_member, stage.remove_member, stage.add_role, stage.add_channel,
    stage.remove_channel, stage.add_guild, stage.open_dm,
    stage.add_fault, stage.faults, stage.drop_gateway, stage.reconnect_gateway, stage.invalidate,
    stage.advance, stage.hold_clock, stage.violations, stage.served, *moderation.ACTS,
)
# fmt: on


def routes() -> list[web.RouteDef]:
    """POST /local/<name> with a JSON body, for each act."""
    acts = [web.post(f"/local/{act.__name__}", _served(_with_json(act))) for act in ACTS]
    return [*acts, web.post("/local/upload", _served(upload))]


def _with_json(act: Handler) -> Asked:
    async def answer(request: web.Request) -> Any:
        result = act(request.app[DISCORD], await request.json())
        return await result if isinstance(result, Awaitable) else result

    return answer


def _served(answer: Asked) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        try:
            result = await answer(request)
        except (Refused, DiscordError) as error:
            return web.json_response({"error": str(error)}, status=400)
        return web.json_response(result)

    return handle


def _interaction(discord: Discord, body: Body) -> Interaction:
    found = discord.world.interactions.get(int(body["interaction"]))
    if found is None:
        raise Refused(f"there is no interaction {body['interaction']}")
    return found
