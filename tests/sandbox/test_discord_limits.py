"""Rate limits, as an unmodified discord.py keeps them and as they meet those who do not."""

import asyncio

import aiohttp
import discord
import pytest

from sandbox.client import LocalClient
from sandbox.settings import Settings
from sandbox.testing import LocalDiscord


async def test_discord_py_keeps_to_the_limits_in_the_headers(
    studio: discord.TextChannel, client: LocalClient
) -> None:
    message = await studio.send("hello")
    for emoji in "🎨🦊🌊":
        await message.add_reaction(emoji)
    assert all(request["status"] < 400 for request in (await client.served())["requests"])


async def test_limits_refuse_those_who_ignore_them(local: LocalDiscord, client: LocalClient) -> None:
    channel = (await client.town())["guilds"][0]["channels"][0]["id"]
    headers = {"Authorization": "Bot token"}
    await client.hold_clock()
    async with aiohttp.ClientSession(headers=headers) as session:
        url = f"{local.api_url}/channels/{channel}/messages"
        answers = [await session.post(url, json={"content": str(n)}) for n in range(6)]
        assert [answer.status for answer in answers] == [200] * 5 + [429]
        refused = answers[-1]
        assert [answer.headers["X-RateLimit-Remaining"] for answer in answers[:5]] == list("43210")
        assert refused.headers["Via"]
        assert refused.headers["Retry-After"] == "5"
        assert (await refused.json())["retry_after"] == 5
        await client.advance(5)
        assert (await session.post(url, json={"content": "later"})).status == 200
        storm = await asyncio.gather(*(session.get(f"{local.api_url}/users/@me") for _ in range(60)))
        everywhere = [answer for answer in storm if answer.headers.get("X-RateLimit-Global")]
        assert len(everywhere) == 11  # the last message was one of the fifty
        assert (await everywhere[0].json())["global"] is True
    assert await client.violations() == []


async def test_each_channel_has_buckets_of_its_own(local: LocalDiscord, client: LocalClient) -> None:
    channels = (await client.town())["guilds"][0]["channels"]
    buckets = []
    await client.hold_clock()
    async with aiohttp.ClientSession(headers={"Authorization": "Bot token"}) as session:
        for channel in channels:
            url = f"{local.api_url}/channels/{channel['id']}/messages"
            answers = [await session.post(url, json={"content": str(n)}) for n in range(5)]
            assert {answer.status for answer in answers} == {200}
            buckets.append(answers[0].headers["X-RateLimit-Bucket"])
            assert {answer.headers["X-RateLimit-Reset-After"] for answer in answers} == {"5.000"}
            assert len({answer.headers["X-RateLimit-Reset"] for answer in answers}) == 1
    assert len(set(buckets)) == 1  # the bucket's name says nothing of the channel


async def test_a_global_429_names_no_bucket(local: LocalDiscord, client: LocalClient) -> None:
    await client.hold_clock()
    async with aiohttp.ClientSession(headers={"Authorization": "Bot token"}) as session:
        url = f"{local.api_url}/users/@me"
        storm = await asyncio.gather(*(session.get(url) for _ in range(60)))
    refused = next(answer for answer in storm if answer.status == 429)
    assert refused.headers["X-RateLimit-Global"] == "true"
    assert refused.headers["X-RateLimit-Scope"] == "global"
    assert "X-RateLimit-Bucket" not in refused.headers
    assert refused.headers["Retry-After"] == "1"


async def test_too_many_invalid_requests_are_a_ban() -> None:
    async with LocalDiscord.run(Settings(invalid_requests=10)) as local, aiohttp.ClientSession() as session:
        url = f"{local.api_url}/users/@me"
        token = {"Authorization": "Bot token"}
        for _ in range(10):
            assert (await session.get(url)).status == 401
        answer = await session.get(url, headers=token)
        assert (answer.status, await answer.text()) == (429, "error code: 1015")
        assert "Via" not in answer.headers
        assert 0 < int(answer.headers["Retry-After"]) <= 600
        await local.client.advance(601)
        assert (await session.get(url, headers=token)).status == 200


async def test_discord_py_gives_up_on_a_ban(monkeypatch: pytest.MonkeyPatch) -> None:
    async with LocalDiscord.run(Settings(invalid_requests=1)) as banning:
        async with aiohttp.ClientSession() as session:
            await session.get(f"{banning.api_url}/users/@me")
        monkeypatch.setattr(discord.http.Route, "BASE", banning.api_url)
        async with discord.Client(intents=discord.Intents.none()) as client:
            with pytest.raises(discord.HTTPException) as refused:
                await client.login("token")
        assert refused.value.status == 429
