"""What goes wrong between the bot and Discord: 502s, dropped connections, 429s, delays, gateway drops."""

import asyncio
import time

import aiohttp
import discord
import pytest

from sandbox.client import LocalClient
from sandbox.faults import Fault, FaultKind
from sandbox.testing import LocalDiscord
from tests.sandbox.conftest import SampleBot, picture, until

CREATE = {"method": "POST", "route": "/channels/{channel_id}/messages"}


async def test_a_nonce_makes_a_502_after_commit_harmless(
    studio: discord.TextChannel, client: LocalClient
) -> None:
    await client.fault(Fault(kind=FaultKind.BAD_GATEWAY_AFTER, **CREATE))
    await studio.send("hello", file=picture())
    assert len(await client.messages("studio")) == 1


async def test_follow_ups_have_no_nonce(bot: SampleBot, client: LocalClient) -> None:
    bot.hold.set()
    await client.slash("ana", "studio", "held")
    await client.wait_for("studio", lambda m: m.loading)
    asked = bot.arrived("interaction")[0]
    await asked.edit_original_response(content="here")
    await client.fault(
        Fault(kind=FaultKind.BAD_GATEWAY_AFTER, route="/webhooks/{webhook_id}/{webhook_token}")
    )
    await asked.followup.send("twice")
    assert [m.content for m in await client.messages("studio")] == ["here", "twice", "twice"]


async def test_a_nonce_is_forgotten_after_a_few_minutes(
    studio: discord.TextChannel, client: LocalClient
) -> None:
    first = await studio.send("one", nonce="n")
    assert (await studio.send("one", nonce="n")).id == first.id
    await client.advance(200)
    assert (await studio.send("one", nonce="n")).id != first.id


async def test_a_502_before_commit_is_retried(studio: discord.TextChannel, client: LocalClient) -> None:
    await client.fault(Fault(kind=FaultKind.BAD_GATEWAY_BEFORE, **CREATE))
    await studio.send("hello")
    assert len(await client.messages("studio")) == 1


@pytest.mark.parametrize(("kind", "posted"), [(FaultKind.DROP_BEFORE, 0), (FaultKind.DROP_AFTER, 1)])
async def test_a_dropped_connection_is_left_to_the_bot(
    studio: discord.TextChannel, client: LocalClient, kind: FaultKind, posted: int
) -> None:
    await client.fault(Fault(kind=kind, **CREATE))
    with pytest.raises(aiohttp.ClientError):
        await studio.send("hello", nonce="n")
    assert len(await client.messages("studio")) == posted
    await studio.send("hello", nonce="n")
    assert len(await client.messages("studio")) == 1


async def test_a_429_is_obeyed(studio: discord.TextChannel, client: LocalClient) -> None:
    await client.fault(Fault(kind=FaultKind.RATE_LIMITED, times=2, seconds=0.2, **CREATE))
    started = time.monotonic()
    await studio.send("hello")
    assert time.monotonic() - started >= 0.4
    statuses = [r["status"] for r in (await client.served())["requests"] if r["route"] == CREATE["route"]]
    assert statuses == [429, 429, 200]


async def test_discord_py_keeps_to_the_limits_in_the_headers(
    studio: discord.TextChannel, client: LocalClient
) -> None:
    message = await studio.send("hello")
    started = time.monotonic()
    for emoji in "🎨🦊🌊":
        await message.add_reaction(emoji)
    assert time.monotonic() - started >= 0.5
    assert all(request["status"] < 400 for request in (await client.served())["requests"])


async def test_limits_refuse_those_who_ignore_them(local: LocalDiscord, client: LocalClient) -> None:
    channel = (await client.town())["guilds"][0]["channels"][0]["id"]
    headers = {"Authorization": "Bot token"}
    async with aiohttp.ClientSession(headers=headers) as session:
        url = f"{local.api_url}/channels/{channel}/messages"
        answers = [await session.post(url, json={"content": str(n)}) for n in range(6)]
        assert [answer.status for answer in answers] == [200] * 5 + [429]
        refused = answers[-1]
        assert [answer.headers["X-RateLimit-Remaining"] for answer in answers[:5]] == list("43210")
        assert refused.headers["Via"]
        assert 4 < float(refused.headers["Retry-After"]) <= 5
        assert 4 < (await refused.json())["retry_after"] <= 5
        storm = await asyncio.gather(*(session.get(f"{local.api_url}/users/@me") for _ in range(60)))
        everywhere = [answer for answer in storm if answer.headers.get("X-RateLimit-Global")]
        assert len(everywhere) >= 10
        assert (await everywhere[0].json())["global"] is True
    assert await client.violations() == []


@pytest.mark.usefixtures("bot")
async def test_a_delay_past_the_deadline(client: LocalClient) -> None:
    await client.fault(Fault(kind=FaultKind.DELAY_AFTER, route="/interactions/*", seconds=0.3))
    asked = await client.slash("ana", "studio", "secret")
    answer = await client.answered(asked)
    assert answer.ack_latency_s is not None
    assert answer.ack_latency_s < 0.3


async def test_a_resumed_session_gets_what_it_missed(bot: SampleBot, client: LocalClient) -> None:
    await client.drop_gateway(down_s=0.3)
    assert not (await client.town())["connected"]
    await client.slash("ana", "studio", "imagine", {"prompt": "fox"})
    await client.wait_for("studio", lambda m: bool(m.attachments))
    served = await client.served()
    assert (served["identified"], served["resumed"]) == (1, 1)
    assert len(bot.arrived("interaction")) == 1


@pytest.mark.usefixtures("bot")
async def test_an_invalid_session_identifies_again(client: LocalClient) -> None:
    await client.invalidate_sessions()
    async with asyncio.timeout(20):
        while (await client.served())["identified"] < 2:
            await asyncio.sleep(0.05)
    await client.wait_for_bot(command="imagine")
    await client.slash("ana", "studio", "secret")
    await client.wait_for("studio", lambda m: m.ephemeral, member="ana")


async def test_a_repeated_event_arrives_twice(bot: SampleBot, client: LocalClient) -> None:
    await client.fault(Fault(kind=FaultKind.DUPLICATE, method="EVENT", route="INTERACTION_CREATE"))
    asked = await client.slash("ana", "studio", "held")
    await until(lambda: len(bot.arrived("interaction")) == 2)
    assert {interaction.id for interaction in bot.arrived("interaction")} == {asked}


async def test_a_late_event_is_overtaken(bot: SampleBot, client: LocalClient) -> None:
    await client.fault(
        Fault(kind=FaultKind.DELAY_BEFORE, method="EVENT", route="MESSAGE_CREATE", seconds=0.2)
    )
    first = await client.say("ana", "studio", "first")
    second = await client.say("ana", "studio", "second")
    await until(lambda: len(bot.arrived("message")) == 2)
    assert [message.id for message in bot.arrived("message")] == [second, first]
