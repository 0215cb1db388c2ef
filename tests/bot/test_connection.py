"""The bot's connection: dropped, refused, without Redis, and what its health says of it."""

from __future__ import annotations

import asyncio

import pytest

from bot.client import Atelier
from bot.health import health_checks
from core.health import run_checks
from sandbox.faults import Fault, FaultKind
from tests.bot.studio import Town


async def test_a_dropped_gateway_loses_nothing(town: Town) -> None:
    async with town.bot():
        seen = await town.imagine()
        await town.members.drop_gateway()
        town.worker.make()
        await town.result(seen)
        again = await town.members.wait_until(lambda: _answers(town), timeout_s=30)
        assert again


async def test_health_tells_of_a_gateway_that_dropped(town: Town, bot: Atelier) -> None:
    checks = health_checks(bot)
    assert {name: check.ok for name, check in run_checks(checks).items()} == dict.fromkeys(checks, True)
    await town.members.drop_gateway(down_s=2)
    async with asyncio.timeout(10):
        while run_checks(checks)["discord"].ok:
            await asyncio.sleep(0.02)
    async with asyncio.timeout(30):
        while not run_checks(checks)["discord"].ok:
            await asyncio.sleep(0.02)


async def test_commands_that_discord_did_not_take_are_registered_again(
    town: Town, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("bot.client._SYNC_AGAIN_S", 0.1)
    refused = Fault(kind=FaultKind.DROP_BEFORE, method="PUT", route="/applications/*/commands", times=3)
    await town.members.fault(refused)
    async with town.bot():
        await town.imagine()
    assert len(town.jobs()) == 1 and "could not be registered yet" in caplog.text


async def _answers(town: Town) -> bool:
    return bool((await town.members.town())["connected"])


async def test_redis_away_only_slows_the_bot_down(town: Town, bot: Atelier) -> None:
    del bot
    seen = await town.imagine()
    claimed = town.worker.claim()
    town.worker.finish(claimed, quietly=True)
    await town.result(seen)
