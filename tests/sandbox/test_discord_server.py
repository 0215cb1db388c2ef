"""The server itself: commands' limits, the API description, tokens, the gateway, the process."""

from pathlib import Path
from typing import Any

import aiohttp
import discord
import pytest

from sandbox.client import LocalClient
from sandbox.openapi import DescriptionMissing, OpenApi
from sandbox.settings import Settings
from sandbox.testing import LocalDiscord, NotStarted
from tests.sandbox.conftest import BotMaker, SampleBot

OPTION = {"type": 3, "description": "x"}


def command(**changes: Any) -> dict[str, Any]:
    """A command body."""
    return {"name": "paint", "description": "Paint", "type": 1} | changes


async def put_commands(local: LocalDiscord, bodies: list[dict[str, Any]]) -> tuple[int, Any]:
    """Status and body of a bulk upsert."""
    url = f"{local.api_url}/applications/{(await local.client.town())['bot_id']}/commands"
    async with (
        aiohttp.ClientSession(headers={"Authorization": "Bot token"}) as session,
        session.put(url, json=bodies) as answer,
    ):
        return answer.status, await answer.json()


@pytest.mark.parametrize(
    "bodies",
    [
        [command(name="Paint")],
        [command(name="two words")],
        [command(description="")],
        [command(options=[OPTION | {"name": f"o{n}"} for n in range(26)])],
        [command(options=[OPTION | {"name": "a"}] * 2)],
        [command(options=[OPTION | {"name": "a"}, OPTION | {"name": "b", "required": True}])],
        [command(options=[OPTION | {"name": "a", "choices": [{"name": "x", "value": "x"}] * 26}])],
        [command(options=[OPTION | {"name": "a", "choices": [{"name": "x", "value": "y" * 101}]}])],
        [command(name=f"c{n}") for n in range(101)],
        [command(), command()],
        [
            command(
                options=[
                    OPTION
                    | {
                        "name": f"o{n}",
                        "choices": [{"name": f"{m:0>50}", "value": str(m)} for m in range(25)],
                    }
                    for n in range(8)
                ]
            )
        ],
    ],
    ids=[
        "capital",
        "space",
        "description",
        "options",
        "twice",
        "order",
        "choices",
        "value",
        "many",
        "same",
        "long",
    ],
)
async def test_commands_above_discords_limits_are_refused(
    local: LocalDiscord, bodies: list[dict[str, Any]]
) -> None:
    status, answer = await put_commands(local, bodies)
    assert status == 400
    assert answer["code"] in (50035, 30032)


async def test_a_command_keeps_its_id(local: LocalDiscord) -> None:
    _, before = await put_commands(local, [command(), command(name="other")])
    status, after = await put_commands(local, [command(description="Better")])
    assert status == 200
    assert [(c["id"], c["description"]) for c in after] == [(before[0]["id"], "Better")]


async def test_creating_too_many_commands_in_a_day(local: LocalDiscord) -> None:
    for start in (0, 100):
        status, _ = await put_commands(local, [command(name=f"c{start + n}") for n in range(100)])
        assert status == 200
    assert (await put_commands(local, [command(name="more")]))[1]["code"] == 30034


async def test_guild_commands_come_first(bot: SampleBot, client: LocalClient) -> None:
    guild = bot.guilds[0]
    bot.tree.copy_global_to(guild=guild)
    assert len(await bot.tree.sync(guild=guild)) == len(await bot.tree.fetch_commands()) == 6
    await client.slash("ana", "studio", "secret")
    await client.wait_for("studio", lambda m: m.ephemeral, member="ana")


async def test_a_bad_request_is_noted_and_refused(local: LocalDiscord, client: LocalClient) -> None:
    if not Settings().openapi.exists():
        pytest.skip("Discord's API description is not here; DISCORD_OPENAPI names it")
    channel = (await client.town())["guilds"][0]["channels"][0]["id"]
    async with aiohttp.ClientSession(headers={"Authorization": "Bot token"}) as session:
        url = f"{local.api_url}/channels/{channel}/messages"
        async with session.post(url, json={"content": 5}) as answer:
            assert (answer.status, (await answer.json())["code"]) == (400, 50035)
        await session.get(url, params={"limit": "many"})
        await session.get(f"{local.api_url}/channels/{channel}/invites")
    found = await client.violations()
    assert [(v["route"], v["where"]) for v in found[:2]] == [
        ("/channels/{channel_id}/messages", "$.content"),
        ("/channels/{channel_id}/messages", "limit"),
    ]
    assert found[2]["message"] == "the local Discord does not serve this"


def test_a_bad_answer_is_noted() -> None:
    if not Settings().openapi.exists():
        pytest.skip("Discord's API description is not here; DISCORD_OPENAPI names it")
    checker = OpenApi.load(Settings().openapi)
    checker.check_answer("GET", "/users/{user_id}", status=200, body={"id": "1"})
    checker.check_answer("GET", "/users/{user_id}", status=418, body={"message": "x", "code": 0})
    assert [(v.kind, v.status) for v in checker.violations] == [("answer", 200)]


def test_without_the_description_ci_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(DescriptionMissing):
        OpenApi.load(tmp_path / "absent.json")
    monkeypatch.delenv("CI")
    unchecked = OpenApi.load(tmp_path / "absent.json")
    unchecked.check_request("GET", "/nowhere", path={}, query={}, body=None)
    assert not unchecked.active
    assert unchecked.violations == []


async def test_a_wrong_token_is_refused() -> None:
    async with (
        LocalDiscord.run(Settings(token="right")) as local,
        aiohttp.ClientSession(headers={"Authorization": "Bot wrong"}) as session,
    ):
        async with session.get(f"{local.api_url}/users/@me") as answer:
            assert answer.status == 401
        async with session.ws_connect(local.gateway_url) as socket:
            await socket.receive()
            await socket.send_json({"op": 2, "d": {"token": "wrong", "intents": 0, "properties": {}}})
            assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE
            assert socket.close_code == 4004


async def test_the_gateway_without_compression(local: LocalDiscord) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(local.gateway_url, params={"v": "10", "encoding": "json"}) as socket,
    ):
        assert (await socket.receive_json())["op"] == 10
        await socket.send_json({"op": 1, "d": None})
        assert (await socket.receive_json())["op"] == 11
        await socket.send_json({"op": 6, "d": {"token": "t", "session_id": "gone", "seq": 3}})
        assert await socket.receive_json() == {"op": 9, "d": False, "s": None, "t": None}
        await socket.send_json({"op": 2, "d": {"token": "t", "intents": 1, "properties": {}}})
        assert [(await socket.receive_json())["t"] for _ in range(2)] == ["READY", "GUILD_CREATE"]
        await socket.send_json({"op": 8, "d": {"guild_id": "1", "query": "", "limit": 0}})
        await socket.send_str("not json")
        assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE


async def test_members_are_fetched_by_the_gateway(bot: SampleBot) -> None:
    found = await bot.guilds[0].query_members("ma")
    assert [member.name for member in found] == ["maya"]


async def test_as_a_process_of_its_own(new_bot: BotMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    async with LocalDiscord.spawn() as other:
        monkeypatch.setattr(discord.http.Route, "BASE", other.api_url)
        monkeypatch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", _url(other.gateway_url))
        async with new_bot():
            await other.client.wait_for_bot(command="imagine")
            await other.client.slash("ana", "studio", "imagine", {"prompt": "fox"})
            await other.client.wait_for("studio", lambda m: bool(m.attachments))
        assert await other.client.violations() == []
    async with LocalClient.connect(other.url) as nobody:
        with pytest.raises(aiohttp.ClientConnectionError):
            await nobody.town()


async def test_a_process_that_cannot_start_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(NotStarted):
        async with LocalDiscord.spawn("--openapi", str(tmp_path / "absent.json")):
            pass
    assert "absent.json does not exist" in capfd.readouterr().err


def _url(text: str) -> Any:
    import yarl

    return yarl.URL(text)
