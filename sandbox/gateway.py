"""The gateway: bots identify, keep a heartbeat, lose their connection, resume and catch up."""

import asyncio
import json
import secrets
from collections.abc import Callable
from typing import Any

from aiohttp import WSCloseCode, WSMsgType, web

from .clock import Clock
from .faults import FaultKind, Faults
from .intents import permitted
from .keys import DISCORD
from .sessions import Connection, Op, Session

HEARTBEAT_MS = 41_250
RESUMABLE_S = 120  # how long a lost session is kept


class Gateway:
    """All sessions, and the events that go to them."""

    def __init__(
        self,
        *,
        clock: Clock,
        faults: Faults,
        ready: Callable[[], dict[str, Any]],
        guilds: Callable[[], list[Any]],
        presence: Callable[[], None],
    ) -> None:
        self._clock = clock
        self._faults = faults
        self._ready = ready
        self._guilds = guilds
        self._presence = presence  # called when a bot has come or gone
        self._open = asyncio.Event()
        self._open.set()
        self.sessions: dict[str, Session] = {}
        self.identified = 0  # how many sessions were ever begun
        self.resumed = 0  # and how many times one was taken up again

    def dispatch(self, event: str, data: dict[str, Any]) -> None:
        """Send an event to every session, late or twice where a fault says so."""
        fault = self._faults.take("EVENT", event)
        if fault and fault.kind in (FaultKind.DELAY_BEFORE, FaultKind.DELAY_AFTER):
            asyncio.get_running_loop().call_later(fault.seconds, self._push, event, data)
            return
        self._push(event, data)
        if fault and fault.kind is FaultKind.DUPLICATE:
            self._push(event, data)

    def _push(self, event: str, data: dict[str, Any]) -> None:
        self._forget_lost()
        for session in self.sessions.values():
            visible = permitted(event, data, session.intents)
            if visible is not None:
                session.push(event, visible)

    def _forget_lost(self) -> None:
        oldest = self._clock.now() - RESUMABLE_S
        gone = [s.id for s in self.sessions.values() if s.lost is not None and s.lost < oldest]
        for session_id in gone:
            del self.sessions[session_id]

    def connected(self) -> bool:
        """Whether a bot listens."""
        return any(session.connection is not None for session in self.sessions.values())

    async def drop(self, *, down_s: float = 0.0) -> None:
        """Cut every connection; new ones are greeted only after `down_s` seconds."""
        if down_s:
            self._open.clear()
            asyncio.get_running_loop().call_later(down_s, self._open.set)
        for session in self.sessions.values():
            connection, session.connection = session.connection, None
            session.lost = self._clock.now()
            if connection is not None:
                await connection.socket.close(code=WSCloseCode.SERVICE_RESTART)

    def invalidate(self, *, resumable: bool = False) -> None:
        """Tell every session that it is invalid; one that is not resumable is forgotten."""
        for session in list(self.sessions.values()):
            if session.connection is not None:
                session.connection.send(Op.INVALID_SESSION, resumable)
            if not resumable:
                session.connection = None
                del self.sessions[session.id]

    async def close(self) -> None:
        """End every connection, at the server's end."""
        self._open.set()
        for session in list(self.sessions.values()):
            if session.connection is not None:
                await session.connection.socket.close(code=WSCloseCode.GOING_AWAY)

    async def serve(
        self, socket: web.WebSocketResponse, *, compressed: bool, token_ok: Callable[[str], bool]
    ) -> None:
        """Talk with one connection until it ends."""
        await self._open.wait()
        connection = Connection(socket, compressed=compressed)
        writer = asyncio.create_task(connection.run())
        session: Session | None = None
        connection.send(Op.HELLO, {"heartbeat_interval": HEARTBEAT_MS})
        try:
            while (payload := await self._receive(socket)) is not None:
                op, data = payload["op"], payload.get("d") or {}
                if op == Op.HEARTBEAT:
                    connection.send(Op.HEARTBEAT_ACK, None)
                elif op in (Op.IDENTIFY, Op.RESUME) and not token_ok(str(data.get("token"))):
                    await socket.close(code=4004, message=b"Authentication failed.")
                elif op == Op.IDENTIFY:
                    session = self._identify(connection, data)
                    self._presence()
                elif op == Op.RESUME:
                    session = self._resume(connection, data)
                    self._presence()
                elif session is None:
                    await socket.close(code=4003, message=b"Not authenticated.")
                elif op == Op.REQUEST_MEMBERS:
                    self._members(session, data)
        finally:
            writer.cancel()
            self._lost(session, connection, clean=socket.close_code in (1000, 1001))
            self._presence()

    async def _receive(self, socket: web.WebSocketResponse) -> dict[str, Any] | None:
        """The next payload, or None at the end; a peer that stops its heartbeat is cut off."""
        try:
            message = await socket.receive(timeout=HEARTBEAT_MS / 1000 * 1.5)
        except TimeoutError:
            await socket.close(code=4009, message=b"Session timed out.")
            return None
        if message.type is not WSMsgType.TEXT:
            return None
        try:
            payload = json.loads(message.data)
            return {"op": payload["op"], "d": payload.get("d")}
        except (ValueError, LookupError, AttributeError):
            await socket.close(code=4002, message=b"Error while decoding payload.")
            return None

    def _identify(self, connection: Connection, data: dict[str, Any]) -> Session:
        session = Session(id=secrets.token_hex(16), intents=data["intents"], connection=connection)
        self.sessions[session.id] = session
        self.identified += 1
        session.push("READY", self._ready() | {"session_id": session.id, "shard": data.get("shard", [0, 1])})
        for guild in self._guilds():
            session.push("GUILD_CREATE", guild)
        return session

    def _resume(self, connection: Connection, data: dict[str, Any]) -> Session | None:
        session = self.sessions.get(str(data.get("session_id")))
        if session is None:
            connection.send(Op.INVALID_SESSION, False)
            return None
        session.connection, session.lost = connection, None
        self.resumed += 1
        session.replay(after=int(data.get("seq") or 0))
        session.push("RESUMED", {})
        return session

    def _members(self, session: Session, data: dict[str, Any]) -> None:
        """The answer to REQUEST_MEMBERS: all that match, in one chunk."""
        guild = next((g for g in self._guilds() if g["id"] == str(data["guild_id"])), None)
        if guild is None:
            return
        wanted = {str(user_id) for user_id in data.get("user_ids") or ()}
        prefix = str(data.get("query") or "").lower()
        found = [
            member
            for member in guild["members"]
            if (
                member["user"]["id"] in wanted
                if wanted
                else member["user"]["username"].lower().startswith(prefix)
            )
        ]
        chunk = {
            "guild_id": guild["id"],
            "members": found,
            "chunk_index": 0,
            "chunk_count": 1,
            "presences": [],
        }
        session.push("GUILD_MEMBERS_CHUNK", chunk | ({"nonce": data["nonce"]} if "nonce" in data else {}))

    def _lost(self, session: Session | None, connection: Connection, *, clean: bool) -> None:
        """A connection ended. A clean close by the bot ends its session too, as on Discord."""
        if session is None or session.connection is not connection:
            return
        session.connection, session.lost = None, self._clock.now()
        if clean:
            self.sessions.pop(session.id, None)


async def handle(request: web.Request) -> web.StreamResponse:
    """GET /gateway: the websocket. discord.py asks for zlib-stream unless it finds a zstd library."""
    discord = request.app[DISCORD]
    compression = request.query.get("compress")
    if compression not in (None, "zlib-stream"):
        return web.Response(status=400, text=f"compress={compression} is not served here; zlib-stream is.")
    # Discord's own compression replaces the websocket's.
    socket = web.WebSocketResponse(max_msg_size=4096 * 4, compress=False)
    await socket.prepare(request)
    await discord.gateway.serve(socket, compressed=compression is not None, token_ok=discord.token_ok)
    return socket
