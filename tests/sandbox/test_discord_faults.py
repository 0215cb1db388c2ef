"""What goes wrong between the bot and Discord: 502s, dropped connections, 429s, delays, gateway drops."""

import asyncio
from typing import Any

import aiohttp
import discord
import pytest

from sandbox.client import LocalClient, LocalError
from sandbox.events import Events
from sandbox.faults import Fault, FaultKind, Faults
from sandbox.settings import Settings
from sandbox.testing import LocalDiscord
from tests.sandbox.conftest import SampleBot, picture, until

TOKEN = {"Authorization": "Bot token"}
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
    await studio.send("hello")
    statuses = [r["status"] for r in (await client.served())["requests"] if r["route"] == CREATE["route"]]
    assert statuses == [429, 429, 200]


@pytest.mark.usefixtures("bot")
async def test_an_answer_is_there_before_a_delay_lets_the_bot_know(client: LocalClient) -> None:
    await client.fault(Fault(kind=FaultKind.DELAY_AFTER, route="/interactions/*", seconds=60))
    await client.answered(await client.slash("ana", "studio", "secret"))
    routes = [request["route"] for request in (await client.served())["requests"]]
    assert not any(route.startswith("/interactions/") for route in routes)


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


@pytest.mark.parametrize("kind", [FaultKind.BAD_GATEWAY_BEFORE, FaultKind.BAD_GATEWAY_AFTER])
async def test_a_503_is_left_to_the_bot(
    studio: discord.TextChannel, client: LocalClient, kind: FaultKind
) -> None:
    await client.fault(Fault(kind=kind, status=503, **CREATE))
    with pytest.raises(discord.DiscordServerError):
        await studio.send("hello")
    posted = len(await client.messages("studio"))
    assert posted == (kind is FaultKind.BAD_GATEWAY_AFTER)


async def test_a_deadline_that_passes_on_the_way(bot: SampleBot, client: LocalClient) -> None:
    """The answer sets out in time and arrives too late: the member sees that the interaction failed."""
    await client.fault(Fault(kind=FaultKind.DELAY_BEFORE, route="/interactions/*", seconds=3.2))
    await client.slash("ana", "studio", "held")
    await until(lambda: bot.arrived("interaction"))
    with pytest.raises(discord.NotFound) as refused:
        await bot.arrived("interaction")[0].response.defer()
    assert refused.value.code == 10062


async def test_a_storm_of_429s_for_a_while(local: LocalDiscord, client: LocalClient) -> None:
    await client.hold_clock()
    await client.fault(Fault(kind=FaultKind.RATE_LIMITED, lasting_s=60, seconds=0.3, route="/users/@me"))
    async with aiohttp.ClientSession(headers=TOKEN) as session:
        answers = [await session.get(f"{local.api_url}/users/@me") for _ in range(3)]
        assert [answer.status for answer in answers] == [429] * 3
        said = {name: answers[0].headers[f"X-RateLimit-{name}"] for name in ("Limit", "Remaining", "Scope")}
        assert said == {"Limit": "50", "Remaining": "0", "Scope": "user"}
        await client.advance(61)
        well = await session.get(f"{local.api_url}/users/@me")
        assert (well.status, well.headers["X-RateLimit-Bucket"]) == (
            200,
            answers[0].headers["X-RateLimit-Bucket"],
        )


async def test_a_storm_that_outlasts_the_bots_patience(
    studio: discord.TextChannel, client: LocalClient
) -> None:
    await client.fault(Fault(kind=FaultKind.RATE_LIMITED, lasting_s=30, seconds=0.05, **CREATE))
    with pytest.raises(discord.HTTPException) as refused:
        await studio.send("never")
    assert refused.value.status == 429  # after five tries


async def test_a_global_429_holds_everything_back(
    bot: SampleBot, studio: discord.TextChannel, client: LocalClient
) -> None:
    await client.fault(Fault(kind=FaultKind.RATE_LIMITED, seconds=1.0, scope="global", **CREATE))
    sending = asyncio.create_task(studio.send("hello"))
    await until(lambda: not bot.http._global_over.is_set())
    await bot.application_info()
    assert bot.http._global_over.is_set()
    await sending


@pytest.mark.parametrize(("scope", "then"), [("shared", 200), ("user", 429)])
async def test_a_shared_limit_is_nobodys_fault(scope: str, then: int) -> None:
    async with (
        LocalDiscord.run(Settings(invalid_requests=1)) as local,
        aiohttp.ClientSession(headers=TOKEN) as session,
    ):
        await local.client.fault(Fault(kind=FaultKind.RATE_LIMITED, scope=scope))
        refused = await session.get(f"{local.api_url}/users/@me")
        assert (refused.status, refused.headers["X-RateLimit-Scope"]) == (429, scope)
        assert (await session.get(f"{local.api_url}/users/@me")).status == then


async def test_an_event_overtakes_the_one_before(bot: SampleBot, client: LocalClient) -> None:
    await client.fault(Fault(kind=FaultKind.REORDER, method="EVENT", route="MESSAGE_CREATE", seconds=5))
    first = await client.say("ana", "studio", "first")
    second = await client.say("ana", "studio", "second")
    await until(lambda: len(bot.arrived("message")) == 2)
    assert [message.id for message in bot.arrived("message")] == [second, first]


async def test_an_event_that_nothing_overtakes_comes_late() -> None:
    faults, bots = Faults(now=lambda: 0.0), Heard()
    faults.add(Fault(kind=FaultKind.REORDER, method="EVENT", route="MESSAGE_CREATE", seconds=0.05))
    Events(faults=faults, bots=bots).dispatch("MESSAGE_CREATE", {"content": "alone"})
    assert bots.events == []
    await until(lambda: bots.events == ["MESSAGE_CREATE"])


class Heard:
    """A gateway that remembers what it was given."""

    def __init__(self) -> None:
        self.events: list[str] = []

    def push(self, event: str, data: dict[str, Any]) -> None:  # noqa: ARG002
        self.events.append(event)

    def drop(self) -> None: ...


async def test_an_event_that_is_lost_never_comes(bot: SampleBot, client: LocalClient) -> None:
    await client.fault(Fault(kind=FaultKind.LOSE, method="EVENT", route="INTERACTION_CREATE"))
    await client.slash("ana", "studio", "secret")
    second = await client.slash("ana", "studio", "secret")
    await until(lambda: bot.arrived("interaction"))
    assert [interaction.id for interaction in bot.arrived("interaction")] == [second]


@pytest.mark.parametrize("kind", [FaultKind.DROP_BEFORE, FaultKind.DROP_AFTER])
async def test_a_gateway_that_drops_at_an_event_replays_it(
    bot: SampleBot, client: LocalClient, kind: FaultKind
) -> None:
    await client.fault(Fault(kind=kind, method="EVENT", route="INTERACTION_CREATE"))
    await client.slash("ana", "studio", "secret")
    await client.wait_for("studio", lambda m: m.ephemeral, member="ana")
    await until(lambda: bot.arrived("interaction"))
    served = await client.served()
    assert (served["identified"], len(bot.arrived("interaction"))) == (1, 1)


async def test_faults_are_listed_and_cleared(studio: discord.TextChannel, client: LocalClient) -> None:
    await client.hold_clock()
    first = await client.fault(Fault(kind=FaultKind.BAD_GATEWAY_BEFORE, times=2, skip=1, **CREATE))
    second = await client.fault(Fault(kind=FaultKind.RATE_LIMITED, lasting_s=60, route="/users/*"))
    await studio.send("let through")
    listed = await client.faults()
    assert [(fault["id"], fault["left"]) for fault in listed] == [(first, 2), (second, None)]
    assert listed[0]["kind"] == "bad_gateway_before"
    assert listed[1]["left_s"] == 60
    await client.clear_faults(second)
    assert [fault["id"] for fault in await client.faults()] == [first]
    await client.clear_faults()
    assert await client.faults() == []
    await studio.send("well again")


async def test_a_fault_that_cannot_be_is_refused(client: LocalClient) -> None:
    with pytest.raises(LocalError, match="events have no fault 'rate_limited'"):
        await client.fault(Fault(kind=FaultKind.RATE_LIMITED, method="EVENT", route="MESSAGE_CREATE"))
    with pytest.raises(LocalError, match="requests have no fault 'reorder'"):
        await client.fault(Fault(kind=FaultKind.REORDER))
