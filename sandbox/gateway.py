"""The gateway: bots identify, keep a heartbeat, lose their connection, resume and catch up."""

import asyncio
import json
import secrets
from collections import deque
from collections.abc import Callable
from typing import Any

from aiohttp import WSCloseCode, WSMsgType, web

from .clock import Clock
from .compression import STREAMS
from .handshake import Close, Refusal, check_identify, check_version
from .intents import MEMBERS, permitted
from .keys import DISCORD
from .members import chunk
from .sessions import Connection, Op, Session
from .settings import Settings
from .starts import Starts

HEARTBEAT_MS = 41_250
ACK_S = 0.02  # how long an acknowledgement takes
RESUMABLE_S = 120  # how long a lost session is kept
PAYLOAD_BYTES = 4096
PAYLOADS, PAYLOADS_S = 120, 60.0  # what a connection may send in a minute


class Gateway:
    """All sessions, and the events that go to them."""

    def __init__(
        self,
        *,
        clock: Clock,
        settings: Settings,
        ready: Callable[[], dict[str, Any]],
        guilds: Callable[[], list[Any]],
        presence: Callable[[], None],
        token_ok: Callable[[str], bool],
    ) -> None:
        self._clock = clock
        self._settings = settings
        self._ready = ready
        self._guilds = guilds
        self._presence = presence  # called when a bot has come or gone
        self._token_ok = token_ok
        self._open = asyncio.Event()
        self._open.set()
        self._closing: set[asyncio.Task[bool]] = set()
        self.starts = Starts(clock=clock, a_day=settings.sessions_a_day, every_s=settings.session_every_s)
        self.sessions: dict[str, Session] = {}
        self.identified = 0  # how many sessions were ever begun
        self.resumed = 0  # and how many times one was taken up again

    def push(self, event: str, data: dict[str, Any]) -> None:
        """Send an event to every session that asked for it, now or when it resumes."""
        self._forget_lost()
        for session in self.sessions.values():
            visible = permitted(event, data, session.intents)
            if visible is not None:
                session.push(event, visible)

    def connected(self) -> bool:
        """Whether a bot listens."""
        return any(session.connection is not None for session in self.sessions.values())

    def drop(self, *, down_s: float = 0.0) -> None:
        """Cut every connection; new ones are greeted only after `down_s` seconds."""
        if down_s:
            self._open.clear()
            asyncio.get_running_loop().call_later(down_s, self._open.set)
        for session in self.sessions.values():
            connection, session.connection = session.connection, None
            session.lost = self._clock.now()
            if connection is not None:
                self._end(connection, WSCloseCode.SERVICE_RESTART)

    def reconnect(self) -> None:
        """Ask every bot to come back over another connection and resume."""
        for session in self.sessions.values():
            if session.connection is not None:
                session.connection.send(Op.RECONNECT, None)

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
        await asyncio.gather(*self._closing)

    async def serve(self, connection: Connection, *, version: int) -> None:
        """Talk with one connection until it ends."""
        await self._open.wait()
        writer = asyncio.create_task(connection.run())
        session: Session | None = None
        sent: deque[float] = deque(maxlen=PAYLOADS)
        connection.send(Op.HELLO, {"heartbeat_interval": HEARTBEAT_MS})
        try:
            check_version(version)
            while (payload := await self._receive(connection.socket, sent)) is not None:
                before, session = session, self._take(connection, session, payload["op"], payload.get("d"))
                if session is not before:
                    self._presence()
        except Refusal as refusal:
            await connection.socket.close(code=refusal.code, message=refusal.reason)
        finally:
            writer.cancel()
            self._lost(session, connection, clean=connection.socket.close_code in (1000, 1001))
            self._presence()

    def _take(self, connection: Connection, session: Session | None, op: int, data: Any) -> Session | None:
        """Do what one payload asks; returns the connection's session. Raises Refusal."""
        if op == Op.HEARTBEAT:
            # discord.py notes when it sent one only after it was sent; nobody on a real network is so quick.
            asyncio.get_running_loop().call_later(ACK_S, connection.send, Op.HEARTBEAT_ACK, None)
        elif op in (Op.IDENTIFY, Op.RESUME):
            if not isinstance(data, dict) or not self._token_ok(str(data.get("token"))):
                raise Refusal(Close.AUTHENTICATION_FAILED)
            if session is not None:
                raise Refusal(Close.ALREADY_AUTHENTICATED)
            return (self._identify if op == Op.IDENTIFY else self._resume)(connection, data)
        elif session is None:
            raise Refusal(Close.NOT_AUTHENTICATED)
        elif op == Op.REQUEST_MEMBERS:
            if not isinstance(data, dict) or "guild_id" not in data:
                raise Refusal(Close.DECODE_ERROR)
            found = chunk(self._guilds(), data, everyone=bool(session.intents & MEMBERS))
            if found is not None:
                session.push("GUILD_MEMBERS_CHUNK", found)
        elif op not in (Op.PRESENCE, Op.VOICE_STATE):
            raise Refusal(Close.UNKNOWN_OPCODE)
        return session

    async def _receive(self, socket: web.WebSocketResponse, sent: deque[float]) -> dict[str, Any] | None:
        """The next payload, or None at the end. Raises Refusal, also when heartbeats stop."""
        try:
            message = await socket.receive(timeout=HEARTBEAT_MS / 1000 * 1.5)
        except TimeoutError:
            raise Refusal(Close.SESSION_TIMED_OUT) from None
        if message.type is not WSMsgType.TEXT:
            return None
        now = asyncio.get_running_loop().time()
        if len(sent) == PAYLOADS and now < sent[0] + PAYLOADS_S:
            raise Refusal(Close.RATE_LIMITED)
        sent.append(now)
        if len(message.data.encode()) > PAYLOAD_BYTES:
            raise Refusal(Close.DECODE_ERROR)
        try:
            payload = json.loads(message.data)
            return {"op": payload["op"], "d": payload.get("d")}
        except (ValueError, LookupError, AttributeError, TypeError):
            raise Refusal(Close.DECODE_ERROR) from None

    def _identify(self, connection: Connection, data: dict[str, Any]) -> Session | None:
        check_identify(data, privileged=self._settings.privileged_intents)
        if self.starts.exhausted():
            self.drop()
            self.sessions.clear()
            raise Refusal(Close.AUTHENTICATION_FAILED)
        if self.starts.too_soon():
            connection.send(Op.INVALID_SESSION, False)
            return None
        self.starts.count()
        kept: deque[tuple[int, str, Any]] = deque(maxlen=self._settings.remembered_events)
        session = Session(
            id=secrets.token_hex(16), intents=data["intents"], connection=connection, events=kept
        )
        self.sessions[session.id] = session
        self.identified += 1
        session.push("READY", self._ready() | {"session_id": session.id, "shard": data.get("shard", [0, 1])})
        for guild in self._guilds():
            visible = permitted("GUILD_CREATE", guild, session.intents)
            if visible is not None:
                session.push("GUILD_CREATE", visible)
        return session

    def _resume(self, connection: Connection, data: dict[str, Any]) -> Session | None:
        session, after = self.sessions.get(str(data.get("session_id"))), int(data.get("seq") or 0)
        if session is not None and after > session.sequence:
            raise Refusal(Close.INVALID_SEQUENCE)
        if session is None or not session.remembers(after):
            connection.send(Op.INVALID_SESSION, False)
            return None
        session.connection, session.lost = connection, None
        self.resumed += 1
        session.replay(after)
        session.push("RESUMED", {})
        return session

    def _forget_lost(self) -> None:
        oldest = self._clock.now() - RESUMABLE_S
        gone = [s.id for s in self.sessions.values() if s.lost is not None and s.lost < oldest]
        for session_id in gone:
            del self.sessions[session_id]

    def _lost(self, session: Session | None, connection: Connection, *, clean: bool) -> None:
        """A connection ended. A clean close by the bot ends its session too, as on Discord."""
        if session is None or session.connection is not connection:
            return
        session.connection, session.lost = None, self._clock.now()
        if clean:
            self.sessions.pop(session.id, None)

    def _end(self, connection: Connection, code: int) -> None:
        """Close a connection without waiting for the other end."""
        task = asyncio.get_running_loop().create_task(connection.socket.close(code=code))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


async def handle(request: web.Request) -> web.StreamResponse:
    """GET /gateway: the websocket. discord.py asks for zstd-stream where it finds a zstd library."""
    discord = request.app[DISCORD]
    compression, version = request.query.get("compress"), request.query.get("v", "10")
    if compression is not None and compression not in STREAMS:
        served = " and ".join(STREAMS)
        return web.Response(status=400, text=f"compress={compression} is not served here; {served} are.")
    # Discord's own compression replaces the websocket's.
    socket = web.WebSocketResponse(max_msg_size=PAYLOAD_BYTES * 4, compress=False)
    await socket.prepare(request)
    pack = STREAMS[compression]() if compression else None
    connection = Connection(socket, pack=pack)
    await discord.gateway.serve(connection, version=int(version) if version.isdigit() else 0)
    return socket
