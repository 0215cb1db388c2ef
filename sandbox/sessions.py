"""A bot's gateway sessions: events that are numbered, remembered and replayed over several connections."""

import asyncio
import json
from collections import deque
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from aiohttp import web

from .compression import Pack


class Op(IntEnum):
    """The gateway's opcodes."""

    DISPATCH = 0
    HEARTBEAT = 1
    IDENTIFY = 2
    PRESENCE = 3
    VOICE_STATE = 4
    RESUME = 6
    RECONNECT = 7
    REQUEST_MEMBERS = 8
    INVALID_SESSION = 9
    HELLO = 10
    HEARTBEAT_ACK = 11


class Connection:
    """One websocket; with transport compression, one context for all that it sends."""

    def __init__(self, socket: web.WebSocketResponse, *, pack: Pack | None) -> None:
        self.socket = socket
        self._pack = pack
        self._outgoing: asyncio.Queue[str] = asyncio.Queue()

    def send(self, op: Op, data: Any, *, event: str | None = None, sequence: int | None = None) -> None:
        """Queue one payload; `run` sends it."""
        self._outgoing.put_nowait(json.dumps({"op": op, "d": data, "s": sequence, "t": event}))

    async def run(self) -> None:
        """Send what is queued, in order, until the socket closes."""
        while True:
            text = await self._outgoing.get()
            try:
                if self._pack is None:
                    await self.socket.send_str(text)
                else:
                    await self.socket.send_bytes(self._pack(text.encode()))
            except ConnectionError:
                return  # what was not sent is replayed when the session resumes


@dataclass(kw_only=True)
class Session:
    """A bot's session: it outlives its connections."""

    id: str
    intents: int
    connection: Connection | None
    events: deque[tuple[int, str, Any]]  # the latest, with their numbers; its maxlen says how many
    sequence: int = 0
    lost: float | None = None

    def push(self, event: str, data: Any) -> None:
        """Number an event, remember it, and send it when somebody listens."""
        self.sequence += 1
        self.events.append((self.sequence, event, data))
        if self.connection is not None:
            self.connection.send(Op.DISPATCH, data, event=event, sequence=self.sequence)

    def remembers(self, after: int) -> bool:
        """Whether everything after sequence number `after` is still there to be replayed."""
        return after == self.sequence or (bool(self.events) and self.events[0][0] <= after + 1)

    def replay(self, after: int) -> None:
        """Send again everything after sequence number `after`."""
        assert self.connection is not None
        for sequence, event, data in self.events:
            if sequence > after:
                self.connection.send(Op.DISPATCH, data, event=event, sequence=sequence)
