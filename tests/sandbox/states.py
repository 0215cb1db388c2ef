"""The states that recorded requests need, each a function that brings it about and names what it made."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from sandbox.permissions import Permission
from sandbox.testing import LocalDiscord

BUTTON = {"type": 2, "style": 1, "label": "Click me!", "custom_id": "click_one"}
BLEP = {"name": "blep", "type": 1, "description": "Send a random adorable animal photo"}
ANIMALS = {"type": 3, "name": "animal", "description": "The type of animal", "autocomplete": True}


@dataclass(kw_only=True)
class Scene:
    """One local Discord, and what its things are called."""

    local: LocalDiscord
    session: aiohttp.ClientSession
    names: dict[str, str] = field(default_factory=dict)

    @classmethod
    @asynccontextmanager
    async def open(cls, local: LocalDiscord) -> AsyncIterator["Scene"]:
        """The default server, its channels and people by name."""
        async with aiohttp.ClientSession() as session:
            scene = cls(local=local, session=session)
            town = await local.client.town()
            guild = town["guilds"][0]
            scene.names = {"bot": town["bot_id"], "guild": guild["id"], "missing": "223704706495545344"}
            scene.names |= {channel["name"]: channel["id"] for channel in guild["channels"]}
            scene.names |= {m["user"]["username"]: m["user"]["id"] for m in guild["members"]}
            scene.names |= {role["name"]: role["id"] for role in guild["roles"]}
            yield scene

    async def call(self, method: str, path: str, body: Any = None) -> Any:
        """A request of the bot that succeeds."""
        headers = {"Authorization": "Bot token"}
        url = self.local.api_url + path.format_map(self.names)
        async with self.session.request(method, url, json=body, headers=headers) as answer:
            assert answer.status < 300, await answer.text()
            return None if answer.status == 204 else await answer.json()

    async def allow(self, *permissions: Permission) -> None:
        """Give the bot a role with these permissions."""
        bits = 0
        for permission in permissions:
            bits |= permission
        await self.local.client.add_role("powers", permissions=int(bits))
        await self.local.client.set_roles("Atelier", ["powers"])

    async def deny(self, permission: Permission) -> None:
        """Let #studio deny the bot something."""
        await self.local.client.set_overwrite("studio", member="Atelier", deny=int(permission))

    async def interact(self, act: Callable[[], Awaitable[int]]) -> None:
        """A member's act, as the bot hears of it by its gateway: {interaction} and its {token}."""
        async with self.session.ws_connect(self.local.gateway_url) as socket:
            await socket.receive_json()
            await socket.send_json({"op": 2, "d": {"token": "token", "intents": 0, "properties": {}}})
            await socket.receive_json()
            await act()
            event = (await socket.receive_json())["d"]
        self.names |= {"interaction": event["id"], "token": event["token"]}


async def bots_message(scene: Scene) -> None:
    body = {"content": "Hello, World!", "components": [{"type": 1, "components": [BUTTON]}]}
    scene.names["message"] = (await scene.call("POST", "/channels/{studio}/messages", body))["id"]


async def anas_message(scene: Scene) -> None:
    scene.names["said"] = str(await scene.local.client.say("ana", "studio", "Hi"))


async def nonce(scene: Scene) -> None:
    body = {"content": "once", "nonce": "42", "enforce_nonce": True}
    scene.names["message"] = (await scene.call("POST", "/channels/{studio}/messages", body))["id"]


async def closed_dms(scene: Scene) -> None:
    shy = await scene.local.client.add_member("shy", accepts_dms=False)
    scene.names["shy"] = str(shy)
    opened = await scene.call("POST", "/users/@me/channels", {"recipient_id": str(shy)})
    scene.names["dm"] = opened["id"]


async def twenty_reactions(scene: Scene) -> None:
    for number in range(20):
        emoji = chr(0x1F600 + number)
        await scene.local.client.react("ana", int(scene.names["message"]), emoji)


async def fire(scene: Scene) -> None:
    await scene.local.client.react("ana", int(scene.names["message"]), "🔥")


async def pinned(scene: Scene) -> None:
    await scene.call("PUT", "/channels/{studio}/messages/pins/{message}")


async def thread(scene: Scene) -> None:
    path = "/channels/{studio}/messages/{message}/threads"
    scene.names["thread"] = (await scene.call("POST", path, {"name": "Foxes"}))["id"]


async def thread_message(scene: Scene) -> None:
    posted = await scene.call("POST", "/channels/{thread}/messages", {"content": "in here"})
    scene.names["inside"] = posted["id"]


async def archived(scene: Scene) -> None:
    await scene.local.client.change_thread(int(scene.names["thread"]), archived=True)


async def webhook(scene: Scene) -> None:
    made = await scene.call("POST", "/channels/{studio}/webhooks", {"name": "test webhook"})
    scene.names |= {"webhook": made["id"], "secret": made["token"]}


async def command(scene: Scene) -> None:
    body = [BLEP | {"options": [ANIMALS]}]
    (made,) = await scene.call("PUT", "/applications/{bot}/commands", body)
    scene.names["command"] = made["id"]


async def slash(scene: Scene) -> None:
    await command(scene)
    await scene.interact(lambda: scene.local.client.slash("ana", "studio", "blep"))


async def autocomplete(scene: Scene) -> None:
    await command(scene)

    async def type_something() -> int:
        body = {"member": "ana", "channel": "studio", "command": "blep", "options": {"animal": "c"}}
        url = f"{scene.local.url}/local/slash"
        async with scene.session.post(url, json=body | {"focused": "animal"}) as answer:
            return int((await answer.json())["id"])

    await scene.interact(type_something)


async def press(scene: Scene) -> None:
    await bots_message(scene)
    pressed = int(scene.names["message"])
    await scene.interact(lambda: scene.local.client.press("ana", pressed, "Click me!"))


async def answered(scene: Scene) -> None:
    body = {"type": 4, "data": {"content": "Congrats on sending your command!"}}
    await scene.call("POST", "/interactions/{interaction}/{token}/callback", body)


async def deferred(scene: Scene) -> None:
    await scene.call("POST", "/interactions/{interaction}/{token}/callback", {"type": 5})


async def five_messages(scene: Scene) -> None:
    for number in range(5):
        await scene.call("POST", "/channels/{studio}/messages", {"content": str(number)})


async def fifty_requests(scene: Scene) -> None:
    for number in range(50):
        await scene.call("GET", "/users/@me" if number % 2 else "/applications/@me")


async def rate_limits(scene: Scene) -> None:
    """The settings turn them on; a clock that stands still makes them the same on any machine."""
    await scene.local.client.hold_clock()


async def settings_for_command(scene: Scene) -> None:
    settings = [{"id": scene.names["moderator"], "type": 1, "permission": True}]
    await scene.local.client.set_command_permissions("blep", settings)


def allowed(*permissions: Permission) -> Callable[[Scene], Awaitable[None]]:
    return lambda scene: scene.allow(*permissions)


def denied(permission: Permission) -> Callable[[Scene], Awaitable[None]]:
    return lambda scene: scene.deny(permission)


def later(seconds: float) -> Callable[[Scene], Awaitable[None]]:
    return lambda scene: scene.local.client.advance(seconds)


STATES: dict[str, Callable[[Scene], Awaitable[None]]] = {
    "a message of the bot": bots_message,
    "a message of ana": anas_message,
    "a message with a nonce": nonce,
    "a member takes no direct messages": closed_dms,
    "twenty reactions": twenty_reactions,
    "ana's reaction": fire,
    "it is pinned": pinned,
    "a thread at it": thread,
    "a message in the thread": thread_message,
    "the thread is archived": archived,
    "a webhook": webhook,
    "a command": command,
    "moderators may use the command": settings_for_command,
    "ana used the command": slash,
    "ana types an option": autocomplete,
    "ana pressed a button": press,
    "it was answered": answered,
    "it was deferred": deferred,
    "rate limits": rate_limits,
    "five messages": five_messages,
    "fifty requests": fifty_requests,
    "four seconds pass": later(4),
    "sixteen minutes pass": later(16 * 60),
    "the bot may manage messages": allowed(Permission.MANAGE_MESSAGES),
    "the bot may pin": allowed(Permission.PIN_MESSAGES),
    "the bot may manage webhooks": allowed(Permission.MANAGE_WEBHOOKS),
    "the bot may manage roles": allowed(Permission.MANAGE_ROLES),
    "the bot may not view #studio": denied(Permission.VIEW_CHANNEL),
    "the bot may not send in #studio": denied(Permission.SEND_MESSAGES),
    "the bot may not embed in #studio": denied(Permission.EMBED_LINKS),
    "the bot may not read #studio's history": denied(Permission.READ_MESSAGE_HISTORY),
    "the bot may not add reactions in #studio": denied(Permission.ADD_REACTIONS),
}
