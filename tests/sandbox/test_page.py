"""The page's server side over real sockets: what a member's stream brings, paging, and who may ask at all."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from sandbox.app import serving
from sandbox.client import LocalClient
from sandbox.local.people import find_channel, find_user
from sandbox.local.stream import MessageChanged
from sandbox.settings import Settings
from sandbox.testing import LocalDiscord
from tests.sandbox.conftest import SampleBot

Event = dict[str, Any]
VIEW_CHANNEL = 1 << 10


class Stream:
    """One viewer's events, oldest first."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._pending: list[Event] = []
        self.frames = 0

    async def next(self, kind: str) -> Any:
        """The data of the next event of a kind; others are passed over."""
        async with asyncio.timeout(10):
            while True:
                while self._pending:
                    event = self._pending.pop(0)
                    if event["t"] == kind:
                        return event["d"]
                self._pending += json.loads(await self._socket.receive_str())
                self.frames += 1

    async def until(self, content: str) -> list[Event]:
        """All messages up to the one with this content."""
        seen = [await self.next("message")]
        while seen[-1]["content"] != content:
            seen.append(await self.next("message"))
        return seen


@asynccontextmanager
async def viewing(local: LocalDiscord, member: str) -> AsyncIterator[Stream]:
    """A viewer who has been told the town."""
    async with watching(local.url, member) as stream:
        yield stream


@asynccontextmanager
async def watching(url: str, member: str) -> AsyncIterator[Stream]:
    """The same, of the local Discord at `url`."""
    address = f"{url}/local/stream?member={member}"
    async with aiohttp.ClientSession() as session, session.ws_connect(address) as socket:
        stream = Stream(socket)
        await stream.next("town")
        yield stream


async def history(local: LocalDiscord, member: str, channel: str, **where: Any) -> Any:
    """The answer of POST /local/history."""
    async with aiohttp.ClientSession() as session:
        body = {"member": member, "channel": channel, **where}
        answer = await session.post(f"{local.url}/local/history", json=body)
        return await answer.json()


async def test_a_viewer_is_first_told_the_town(local: LocalDiscord) -> None:
    address = f"{local.url}/local/stream?member=ben"
    async with aiohttp.ClientSession() as session, session.ws_connect(address) as socket:
        (event,) = json.loads(await socket.receive_str())
    town = event["d"]
    assert event["t"] == "town"
    assert town["users"][town["me"]]["name"] == "ben"
    assert {channel["name"] for channel in town["guilds"][0]["channels"]} >= {"studio", "gallery"}
    assert not town["connected"]


async def test_messages_edits_reactions_and_deletions_arrive(
    local: LocalDiscord, client: LocalClient
) -> None:
    async with viewing(local, "ana") as ana:
        said = await client.say("ben", "studio", "hello")
        assert (await ana.next("message"))["content"] == "hello"
        await client.react("ben", said, "⭐")
        (reaction,) = (await ana.next("message"))["reactions"]
        assert reaction["emoji"]["name"] == "⭐" and len(reaction["users"]) == 1
        await client.delete("ben", said)
        assert (await ana.next("delete"))["id"] == str(said)


@pytest.mark.usefixtures("bot")
async def test_an_ephemeral_answer_reaches_its_member_alone(local: LocalDiscord, client: LocalClient) -> None:
    async with viewing(local, "ana") as ana, viewing(local, "ben") as ben:
        await client.slash("ana", "studio", "secret")
        secret = await ana.next("message")
        assert secret["ephemeral"] and secret["content"] == "psst"
        await client.delete("ana", int(secret["id"]))
        await client.say("chloe", "studio", "after")
        assert [message["content"] for message in await ben.until("after")] == ["after"]
        assert (await ana.next("delete"))["id"] == secret["id"]
    page = await history(local, "ben", "studio")
    assert [message["content"] for message in page["messages"]] == ["after"]


async def test_direct_messages_reach_their_two_alone(local: LocalDiscord, client: LocalClient) -> None:
    dm = await open_dm(local, "ana", "ben")
    async with viewing(local, "ana") as ana, viewing(local, "ben") as ben, viewing(local, "maya") as maya:
        await client.say("ana", dm, "between us")
        assert (await ben.until("between us"))[-1]["author"]["username"] == "ana"
        assert (await ana.until("between us"))[-1]["channel_id"] == str(dm)
        await client.say("chloe", "studio", "aloud")
        assert [message["content"] for message in await maya.until("aloud")] == ["aloud"]
    refused = await history(local, "maya", str(dm))
    assert "does not see" in refused["error"]


async def test_the_bot_hears_nothing_of_direct_messages_between_members(
    local: LocalDiscord, client: LocalClient, bot: SampleBot
) -> None:
    dm = await open_dm(local, "ana", "ben")
    await client.say("ana", dm, "between us")
    await client.say("ana", "studio", "aloud")
    async with asyncio.timeout(10):
        while not bot.arrived("message"):
            await asyncio.sleep(0.01)
    assert [message.channel.name for message in bot.arrived("message")] == ["studio"]
    assert await client.commands("ana", dm) == []


async def test_members_of_no_server_see_no_channel_of_it(local: LocalDiscord, client: LocalClient) -> None:
    await client.add_guild("Elsewhere", owner="maya")
    other = await client.add_channel("quiet", guild="Elsewhere")
    async with viewing(local, "ana") as ana, viewing(local, "maya") as maya:
        await client.say("maya", other, "here")
        await maya.until("here")
        await client.say("maya", "studio", "there")
        assert [message["content"] for message in await ana.until("there")] == ["there"]


async def test_a_channel_without_the_permission_is_not_there(
    local: LocalDiscord, client: LocalClient
) -> None:
    staff = await client.add_channel("staff")
    async with viewing(local, "ana") as ana, viewing(local, "olive") as olive:
        await set_overwrite(local, staff, deny=VIEW_CHANNEL)
        town = await ana.next("town")
        assert "staff" not in [channel["name"] for channel in town["guilds"][0]["channels"]]
        await client.say("olive", staff, "hidden")
        await olive.until("hidden")
        await client.say("olive", "studio", "shown")
        assert [message["content"] for message in await ana.until("shown")] == ["shown"]
    assert "does not see" in (await history(local, "ana", "staff"))["error"]


@pytest.mark.usefixtures("bot")
async def test_answers_come_as_events_with_choices_and_modals(
    local: LocalDiscord, client: LocalClient
) -> None:
    async with viewing(local, "ana") as ana, viewing(local, "ben") as ben:
        choices = await client.choices("ana", "studio", "imagine", "model", "s", {"prompt": "x"})
        answered = await ana.next("interaction")
        assert answered["choices"] == choices != []
        await client.slash("ana", "studio", "imagine", {"prompt": "a fox"})
        shown = await until_settled(ana)
        assert shown["used"]["command"] == "imagine" and shown["attachments"]
        button = shown["components"][0]["components"][0]["custom_id"]
        await client.press("ben", int(shown["id"]), button)
        opened = await ben.next("interaction")
        assert opened["modal"]["title"] == "Advanced"


@pytest.mark.usefixtures("bot")
async def test_an_answer_names_the_whole_command(local: LocalDiscord, client: LocalClient) -> None:
    async with viewing(local, "ana") as ana:
        ben = next(m for m in (await client.town())["guilds"][0]["members"] if m["user"]["username"] == "ben")
        await client.slash("ana", "studio", "library add", {"name": "x", "to": ben["user"]["id"]})
        assert (await ana.next("message"))["used"]["command"] == "library add"


async def test_what_happens_together_goes_together() -> None:
    async with serving(Settings()) as discord, watching(discord.url, "ana") as ana:
        studio, ben = find_channel(discord.world, "studio"), find_user(discord.world, "ben")
        before = ana.frames
        said = discord.chat.post(studio, ben.id, {"content": "popular"}, {})
        for number in range(40):
            change = discord.reactions.remove if number % 4 > 1 else discord.reactions.add
            change(said, ben.id, "⭐👍"[number % 2])
        discord.chat.post(studio, ben.id, {"content": "end"}, {})
        assert [message["content"] for message in await ana.until("end")] == ["popular", "end"]
        assert ana.frames == before + 1


async def test_a_reply_whose_channel_goes_ends_no_stream() -> None:
    async with serving(Settings()) as discord:
        studio, gallery = list(discord.world.channels.values())
        ana, ben = (find_user(discord.world, name) for name in ("ana", "ben"))
        async with watching(discord.url, "ana") as stream:
            first = discord.chat.post(gallery, ben.id, {"content": "first"}, {})
            reference = {"message_id": str(first.id)}
            discord.chat.post(gallery, ana.id, {"content": "reply", "message_reference": reference}, {})
            discord.remove_channel(gallery)
            discord.chat.post(studio, ben.id, {"content": "still there"}, {})
            assert [message["content"] for message in await stream.until("still there")] == ["still there"]


async def test_a_stream_that_fails_closes_so_that_the_page_comes_back(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(Settings()) as discord:
        monkeypatch.setattr(MessageChanged, "read", fail)
        address = f"{discord.url}/local/stream?member=ana"
        async with aiohttp.ClientSession() as session, session.ws_connect(address) as socket:
            await socket.receive_str()
            studio = find_channel(discord.world, "studio")
            discord.chat.post(studio, find_user(discord.world, "ben").id, {"content": "hello"}, {})
            closed = await socket.receive(timeout=10)
        assert (closed.type, closed.data) == (aiohttp.WSMsgType.CLOSE, aiohttp.WSCloseCode.INTERNAL_ERROR)
        assert "the stream of ana failed" in caplog.text


def fail(_: MessageChanged) -> Any:
    """A message that cannot be shown."""
    raise RuntimeError("broken")


async def test_a_channel_is_read_page_by_page(local: LocalDiscord, client: LocalClient) -> None:
    ids = [await client.say("ben", "studio", str(number)) for number in range(25)]
    newest = await history(local, "ana", "studio", limit=10)
    assert contents(newest) == list(map(str, range(15, 25)))
    assert newest["older"] and not newest["newer"]
    older = await history(local, "ana", "studio", limit=10, before=newest["messages"][0]["id"])
    assert contents(older) == list(map(str, range(5, 15)))
    oldest = await history(local, "ana", "studio", limit=10, before=older["messages"][0]["id"])
    assert contents(oldest) == list(map(str, range(5))) and not oldest["older"]
    after = await history(local, "ana", "studio", limit=10, after=oldest["messages"][-1]["id"])
    assert contents(after) == list(map(str, range(5, 15))) and after["newer"]
    around = await history(local, "ana", "studio", limit=10, around=str(ids[12]))
    assert contents(around) == list(map(str, range(7, 17))) and around["older"] and around["newer"]


async def test_members_send_files_and_replies(local: LocalDiscord, client: LocalClient) -> None:
    first = await client.say("ben", "studio", "what do you think?")
    file = await client.upload("studio", "a.txt", b"words")
    async with aiohttp.ClientSession() as session:
        body = {"member": "ana", "channel": "studio", "attachments": [str(file)], "reply_to": str(first)}
        sent = await (await session.post(f"{local.url}/local/say", json=body)).json()
        again = await session.post(f"{local.url}/local/say", json=body)
        assert again.status == 400, "an uploaded file belongs to one message"
    assert await client.download(sent["attachments"][0]) == b"words"
    assert sent["answers"]["content"] == "what do you think?"


async def open_dm(local: LocalDiscord, member: str, peer: str) -> int:
    """The conversation of two members."""
    async with aiohttp.ClientSession() as session:
        body = {"member": member, "with_member": peer}
        return int((await (await session.post(f"{local.url}/local/open_dm", json=body)).json())["id"])


async def set_overwrite(local: LocalDiscord, channel: int, *, deny: int) -> None:
    """Take a permission from everyone in one channel."""
    async with aiohttp.ClientSession() as session:
        body = {"channel": str(channel), "role": "@everyone", "deny": deny}
        await session.post(f"{local.url}/local/set_overwrite", json=body)


async def until_settled(stream: Stream) -> Any:
    """The next message that is no longer loading."""
    while (message := await stream.next("message"))["loading"]:
        pass
    return message


def contents(page: Any) -> list[str]:
    """What the messages of a page say."""
    return [message["content"] for message in page["messages"]]
