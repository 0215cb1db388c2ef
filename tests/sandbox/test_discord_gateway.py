"""The gateway: compression, sessions that end and go on, and what it turns away."""

import asyncio
import json
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import discord
import pytest
import zstandard

from sandbox.client import LocalClient
from sandbox.settings import Settings
from sandbox.testing import LocalDiscord
from tests.sandbox.conftest import BotMaker, SampleBot, until

IDENTIFY = {"token": "t", "intents": 1 << 0 | 1 << 9, "properties": {}}


@asynccontextmanager
async def connected(local: LocalDiscord) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """A connection that was greeted."""
    params = {"v": "10", "encoding": "json"}
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(local.gateway_url, params=params) as socket,
    ):
        assert (await socket.receive_json())["op"] == 10
        yield socket


async def closed_with(socket: aiohttp.ClientWebSocketResponse) -> int | None:
    """The code of the close that comes next, whatever is sent before it."""
    while (await socket.receive(timeout=5)).type is not aiohttp.WSMsgType.CLOSE:
        pass
    return socket.close_code


async def identified(socket: aiohttp.ClientWebSocketResponse) -> dict[str, Any]:
    """READY's data, after which the server's own event has come too."""
    await socket.send_json({"op": 2, "d": IDENTIFY})
    ready = await socket.receive_json()
    assert ready["t"] == "READY"
    assert (await socket.receive_json())["t"] == "GUILD_CREATE"
    return dict(ready["d"])


async def resumed(socket: aiohttp.ClientWebSocketResponse, session_id: str, seq: int) -> None:
    await socket.send_json({"op": 6, "d": {"token": "t", "session_id": session_id, "seq": seq}})


async def test_discord_py_reads_zstd(bot: SampleBot, client: LocalClient) -> None:
    assert discord.utils._ActiveDecompressionContext.COMPRESSION_TYPE == "zstd-stream"
    await client.say("ana", "studio", "hello")
    await until(lambda: bot.arrived("message"))


async def test_discord_py_reads_zlib(
    new_bot: BotMaker, client: LocalClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Zlib:
        """discord.py's own context where it finds no zstd library."""

        COMPRESSION_TYPE = "zlib-stream"

        def __init__(self) -> None:
            self._context = zlib.decompressobj()

        def decompress(self, data: bytes, /) -> str | None:
            return self._context.decompress(data).decode()

    monkeypatch.setattr(discord.utils, "_ActiveDecompressionContext", Zlib)
    async with new_bot() as bot:
        await client.say("ana", "studio", "hello")
        await until(lambda: bot.arrived("message"))


@pytest.mark.parametrize("name", ["zlib-stream", "zstd-stream"])
async def test_one_context_for_a_connection(local: LocalDiscord, name: str) -> None:
    contexts: dict[str, Any] = {
        "zlib-stream": zlib.decompressobj(),
        "zstd-stream": zstandard.ZstdDecompressor().decompressobj(),
    }
    params = {"v": "10", "compress": name}
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(local.gateway_url, params=params) as socket,
    ):
        for op in (10, 11, 11):
            packed = await socket.receive_bytes()
            assert json.loads(contexts[name].decompress(packed))["op"] == op
            await socket.send_json({"op": 1, "d": None})


async def test_a_reconnect_is_obeyed_and_nothing_is_lost(bot: SampleBot, client: LocalClient) -> None:
    await client.reconnect_gateway()
    await client.say("ana", "studio", "meanwhile")
    await until(lambda: bot.arrived("message"))
    async with asyncio.timeout(10):
        while (await client.served())["resumed"] < 1:
            await client.town()
    assert (await client.served())["identified"] == 1


async def test_a_resumable_invalid_session_goes_on(local: LocalDiscord, client: LocalClient) -> None:
    async with connected(local) as socket:
        ready = await identified(socket)
        await client.invalidate_sessions(resumable=True)
        assert await socket.receive_json() == {"op": 9, "d": True, "s": None, "t": None}
    async with connected(local) as socket:
        await resumed(socket, ready["session_id"], 2)
        assert (await socket.receive_json())["op"] == 9  # a clean close ended it


async def test_replay_begins_after_the_last_event_seen(local: LocalDiscord, client: LocalClient) -> None:
    async with connected(local) as socket:
        ready = await identified(socket)
        await client.say("ana", "studio", "one")
        assert (await socket.receive_json())["s"] == 3
        await client.drop_gateway()
        await closed_with(socket)
    await client.say("ana", "studio", "two")
    async with connected(local) as socket:
        await resumed(socket, ready["session_id"], 3)
        events = [await socket.receive_json() for _ in range(2)]
        assert [(event["t"], event["s"]) for event in events] == [("MESSAGE_CREATE", 4), ("RESUMED", 5)]


async def test_a_session_that_was_forgotten_or_never_was() -> None:
    async with LocalDiscord.run(Settings(remembered_events=3)) as local:
        async with connected(local) as socket:
            ready = await identified(socket)
            await local.client.drop_gateway()
            await closed_with(socket)
        for number in range(4):
            await local.client.say("ana", "studio", str(number))
        async with connected(local) as socket:
            await resumed(socket, ready["session_id"], 2)  # what came after it is forgotten
            assert await socket.receive_json() == {"op": 9, "d": False, "s": None, "t": None}
            await resumed(socket, ready["session_id"], 99)
            assert await closed_with(socket) == 4007


async def test_two_minutes_end_a_lost_session(local: LocalDiscord, client: LocalClient) -> None:
    async with connected(local) as socket:
        ready = await identified(socket)
        await client.drop_gateway()
        await closed_with(socket)
    await client.advance(121)
    await client.say("ana", "studio", "late")
    async with connected(local) as socket:
        await resumed(socket, ready["session_id"], 2)
        assert (await socket.receive_json())["d"] is False


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({"op": 8, "d": {}}, 4003),
        ({"op": 2, "d": IDENTIFY | {"shard": [3, 2]}}, 4010),
        ({"op": 2, "d": IDENTIFY | {"intents": 1 << 30}}, 4013),
        ({"op": 2, "d": IDENTIFY | {"intents": 1 << 1}}, 4014),
        ({"op": 2, "d": IDENTIFY | {"intents": 1 << 15}}, 4014),
        ({"op": 2, "d": IDENTIFY | {"properties": "x" * 5000}}, 4002),
    ],
    ids=["early", "shard", "unknown intent", "members", "content", "long"],
)
async def test_what_is_turned_away(local: LocalDiscord, sent: dict[str, Any], code: int) -> None:
    async with connected(local) as socket:
        await socket.send_json(sent)
        assert await closed_with(socket) == code


async def test_what_is_turned_away_later(local: LocalDiscord) -> None:
    async with connected(local) as socket:
        await identified(socket)
        await socket.send_json({"op": 2, "d": IDENTIFY})
        assert await closed_with(socket) == 4005
    async with connected(local) as socket:
        await identified(socket)
        await socket.send_json({"op": 77, "d": None})
        assert await closed_with(socket) == 4001
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(local.gateway_url, params={"v": "6"}) as socket,
    ):
        assert await closed_with(socket) == 4012
    async with connected(local) as socket:
        for _ in range(121):
            await socket.send_json({"op": 1, "d": None})
        assert await closed_with(socket) == 4008


async def test_discord_py_says_which_intent_is_not_allowed(
    new_bot: BotMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    intents = discord.Intents.default()
    intents.message_content = True
    monkeypatch.setattr(discord.Intents, "default", lambda: intents)
    with pytest.raises(discord.PrivilegedIntentsRequired):
        async with new_bot():
            pass


async def test_content_is_there_with_its_intent() -> None:
    async with LocalDiscord.run(Settings(privileged_intents=1 << 15)) as local, connected(local) as socket:
        await socket.send_json({"op": 2, "d": IDENTIFY | {"intents": 1 << 9 | 1 << 15}})
        await socket.receive_json()
        await local.client.say("ana", "studio", "in full")
        assert (await socket.receive_json())["d"]["content"] == "in full"


async def test_sessions_are_counted() -> None:
    settings = Settings(sessions_a_day=2, session_every_s=5)
    async with (
        LocalDiscord.run(settings) as local,
        aiohttp.ClientSession(headers={"Authorization": "Bot t"}) as session,
    ):
        async with connected(local) as socket:
            await identified(socket)
            async with connected(local) as hasty:
                await hasty.send_json({"op": 2, "d": IDENTIFY})
                assert await hasty.receive_json() == {"op": 9, "d": False, "s": None, "t": None}
        await local.client.advance(6)
        async with connected(local) as socket:
            await identified(socket)
            limit = (await (await session.get(f"{local.api_url}/gateway/bot")).json())["session_start_limit"]
            assert (limit["total"], limit["remaining"], limit["max_concurrency"]) == (2, 0, 1)
            assert 23 * 3600_000 < limit["reset_after"] < 24 * 3600_000
            await local.client.advance(6)
            async with connected(local) as third:
                await third.send_json({"op": 2, "d": IDENTIFY})
                assert await closed_with(third) == 4004
            await closed_with(socket)  # all sessions end with the token
        await local.client.advance(24 * 3600)
        async with connected(local) as socket:
            await identified(socket)
