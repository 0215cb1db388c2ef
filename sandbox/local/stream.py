"""What members see as it happens: one WebSocket a viewer.

An event is written to JSON once for all who see the same, however many look, and not at all while nobody
does. A viewer that reads slowly gets the newest state of each thing, not every state in between.
"""

import asyncio
import json
import logging
from typing import Any

from aiohttp import WSCloseCode, web

from ..guilds import User
from ..server import Discord
from ..state import Channel
from .errors import Refused
from .people import find_user, may_see
from .views import seen_interaction, seen_message, seen_town

PAUSE_S = 0.04  # between two frames to one viewer: what happens meanwhile goes together
HEARTBEAT_S = 30.0

Only = tuple[int, ...] | None
logger = logging.getLogger(__name__)


class Happening:
    """Something to show, read when the first viewer is about to get it, and then kept."""

    def __init__(self, key: tuple[str, int]) -> None:
        self.key = key  # a later one with the same key replaces it
        self._text: str | None = None

    def text(self, user: User) -> str:  # noqa: ARG002
        """The event as JSON, as `user` sees it."""
        if self._text is None:
            kind, data = self.read()
            self._text = json.dumps({"t": kind, "d": data})
        return self._text

    def read(self) -> tuple[str, dict[str, Any]]:
        """The event's name and data at this moment."""
        raise NotImplementedError


class MessageChanged(Happening):
    """`message` with the whole message, or `delete` where it or its channel is gone."""

    def __init__(self, discord: Discord, channel: Channel, message_id: int) -> None:
        super().__init__(("message", message_id))
        self._discord, self._channel, self._id = discord, channel, message_id

    def read(self) -> tuple[str, dict[str, Any]]:
        message = self._channel.messages.get(self._id)
        if message is None or self._channel.id not in self._discord.world.channels:
            return "delete", {"id": str(self._id), "channel_id": str(self._channel.id)}
        return "message", seen_message(self._discord, message)


class InteractionAnswered(Happening):
    """`interaction`: the bot has given its first answer."""

    def __init__(self, discord: Discord, interaction_id: int) -> None:
        super().__init__(("interaction", interaction_id))
        self._discord = discord
        self._interaction = discord.world.interactions[interaction_id]

    def read(self) -> tuple[str, dict[str, Any]]:
        return "interaction", seen_interaction(self._discord, self._interaction)


class TownChanged(Happening):
    """`town`: places, people, commands or the bot's presence; all of it, as each member sees it."""

    def __init__(self, discord: Discord) -> None:
        super().__init__(("town", 0))
        self._discord = discord
        self._texts: dict[int, str] = {}

    def text(self, user: User) -> str:
        if user.id not in self._texts:
            self._texts[user.id] = json.dumps({"t": "town", "d": seen_town(self._discord, user)})
        return self._texts[user.id]


class Viewer:
    """One open page."""

    def __init__(self, user: User, socket: web.WebSocketResponse) -> None:
        self.user = user
        self.socket = socket
        self._pending: dict[tuple[str, int], Happening] = {}
        self._wake = asyncio.Event()

    def tell(self, happening: Happening) -> None:
        """Show this soon."""
        self._pending[happening.key] = happening
        self._wake.set()

    async def run(self) -> None:
        """Send what is pending, a list of events a frame, until the socket closes.

        Should anything fail on the way, the socket closes too, and the page comes back for all of it.
        """
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                pending, self._pending = self._pending, {}
                frame = ",".join(happening.text(self.user) for happening in pending.values())
                await self.socket.send_str(f"[{frame}]")
                await asyncio.sleep(PAUSE_S)
        except ConnectionError:
            pass  # nobody is left to read it
        except Exception:
            logger.exception("the stream of %s failed", self.user.name)
            await self.socket.close(code=WSCloseCode.INTERNAL_ERROR)


class Viewers:
    """All open pages, by the member who looks."""

    def __init__(self, discord: Discord) -> None:
        self._discord = discord
        self._viewers: dict[int, set[Viewer]] = {}
        discord.watchers.append(self._watch)

    def routes(self) -> list[web.RouteDef]:
        """GET /local/stream?member=: a WebSocket that sends lists of events, the first of them `town`."""
        return [web.get("/local/stream", self._serve)]

    async def close(self, _: web.Application) -> None:
        """End every stream."""
        for viewer in [viewer for viewers in self._viewers.values() for viewer in viewers]:
            await viewer.socket.close(code=WSCloseCode.GOING_AWAY)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        try:
            user = find_user(self._discord.world, request.query.get("member", ""))
        except Refused as refused:
            return web.Response(status=404, text=str(refused))
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT_S, compress=False)
        await socket.prepare(request)
        viewer = Viewer(user, socket)
        self._viewers.setdefault(user.id, set()).add(viewer)
        viewer.tell(TownChanged(self._discord))
        writer = asyncio.create_task(viewer.run())
        try:
            async for _ in socket:
                pass  # a viewer has nothing to say here
        finally:
            writer.cancel()
            self._viewers[user.id].discard(viewer)
            if not self._viewers[user.id]:
                del self._viewers[user.id]
        return socket

    def _watch(self, event: str | None, data: dict[str, Any], only: Only) -> None:
        if not self._viewers or event == "INTERACTION_CREATE":
            return
        if event == "INTERACTION_ANSWERED":
            self._tell(InteractionAnswered(self._discord, int(data["id"])), only)
        elif event is not None and event.startswith("MESSAGE_"):
            for message_id in data.get("ids") or [data.get("message_id") or data["id"]]:
                self._message(int(data["channel_id"]), int(message_id), only)
        else:
            # Everyone's own view, so also theirs from whom something was just hidden.
            self._tell(TownChanged(self._discord), None)

    def _message(self, channel_id: int, message_id: int, only: Only) -> None:
        world = self._discord.world
        channel = world.channels.get(channel_id)
        if channel is None:
            return
        who = [i for i in self._viewers if only is None or i in only]
        seeing = tuple(i for i in who if may_see(world, world.users[i], channel))
        self._tell(MessageChanged(self._discord, channel, message_id), seeing)
        if channel.guild_id is None:
            self._tell(TownChanged(self._discord), seeing)  # the first message makes the conversation known

    def _tell(self, happening: Happening, only: Only) -> None:
        for user_id in self._viewers if only is None else self._viewers.keys() & set(only):
            for viewer in self._viewers[user_id]:
                viewer.tell(happening)
