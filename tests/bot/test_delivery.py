"""Results reach their members exactly once to be seen, whatever Discord, the network and restarts do."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.storage import DirectoryStorage
from db.blocked_pictures import block_pictures
from db.tables import DeliveryState
from sandbox.faults import Fault, FaultKind
from tests.bot.studio import Town
from tests.bot.worker import picture_bytes

EDIT_BY_TOKEN = "/webhooks/{webhook_id}/{webhook_token}/messages/*"


async def test_what_ended_while_the_bot_was_away_is_delivered_into_its_placeholder(town: Town) -> None:
    async with town.bot():
        done = await town.imagine("done meanwhile")
        running = await town.imagine("still running", "ben")
    town.worker.make()
    claimed = town.worker.claim()
    async with town.bot():
        await town.result(done)
        town.worker.progress(claimed, 10)
        await town.until(running, "10/20")
        town.worker.finish(claimed)
        await town.result(running)
    assert len(await town.all_messages()) == 2


async def test_a_claim_of_a_bot_that_died_is_taken_over(town: Town) -> None:
    async with town.bot():
        seen = await town.imagine()
    job = town.worker.make().job
    town.claim_for_a_dead_bot(job.id)
    async with town.bot():
        await town.result(seen)
    assert await town.settled(job.id) == (DeliveryState.DELIVERED, None)


@pytest.mark.parametrize("kind", list(FaultKind)[:4])
async def test_an_edit_of_unknown_outcome_is_repeated_without_harm(town: Town, kind: FaultKind) -> None:
    async with town.bot():
        seen = await town.imagine()
        claimed = town.worker.claim()
        await town.members.fault(Fault(kind=kind, method="PATCH", route=EDIT_BY_TOKEN))
        town.worker.finish(claimed)
        await town.result(seen)
        await town.settled(claimed.job.id)
    assert len(await town.all_messages()) == 1


async def test_an_upload_slower_than_the_lease_is_made_once(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.delivery.LEASE_S", 1.0)
    async with town.bot():
        seen = await town.imagine()
        slow = Fault(kind=FaultKind.DELAY_BEFORE, method="PATCH", route=EDIT_BY_TOKEN, seconds=3)
        await town.members.fault(slow)
        town.worker.make()
        await town.result(seen)
        job = town.only_job()
        assert (await town.settled(job.id))[0] == DeliveryState.DELIVERED
        assert town.delivery_attempts(job.id) == 1


@pytest.mark.parametrize("told_by_discord", [True, False])
async def test_a_picture_above_the_servers_limit_comes_as_smaller_webp(
    town: Town, told_by_discord: bool
) -> None:
    """Whether the limit came with the interaction, or is only met as a refusal after a restart."""
    limit = 20_000
    async with town.bot():
        await town.members.add_guild("Small", owner="ana", upload_limit=limit)
        channel = await town.members.add_channel("tiny", guild="Small")
        seen = await town.members.settled(
            await town.members.slash("ana", channel, "imagine", {"prompt": "a"})
        )
        if told_by_discord:
            town.worker.make(side=128)
    async with town.bot():
        if not told_by_discord:
            town.worker.make(side=128)
        message = await town.members.wait_for(
            channel, lambda message: message.id == seen.message_id and bool(message.attachments), member="ana"
        )
        (picture,) = message.attachments
        assert picture["size"] <= limit and picture["filename"].endswith(".webp")
        await town.members.answered(
            await town.members.press("ana", message.id, f"original:{town.only_job().id}")
        )
        told = await town.members.wait_for(channel, lambda message: message.ephemeral, member="ana")
        assert f"jobs/{town.only_job().id}/0.png" in told.text


async def test_a_deleted_placeholder_makes_it_undeliverable_and_history_says_so(town: Town) -> None:
    async with town.bot():
        seen = await town.imagine()
        assert seen.message_id is not None
        await town.members.delete("maya", seen.message_id)
        job = town.worker.make().job
        assert await town.settled(job.id) == (DeliveryState.UNDELIVERABLE, "its message was deleted")
        await town.slash("history")
        assert "not delivered: its message was deleted" in (await town.told()).text
    assert town.spent() == 1, "it was made, it is in the history, and it is settled"


async def test_a_storage_that_is_away_delays_and_a_lost_picture_is_told(town: Town) -> None:
    async with town.bot():
        await town.imagine()
        claimed = town.worker.claim()
        town.worker.finish(claimed)
        job = claimed.job
        await town.settled(job.id)
        second = await town.imagine("again")
        town.worker.make_without_files()
        other = next(found for found in town.jobs() if found.id != job.id)
        assert await town.settled(other.id) == (DeliveryState.UNDELIVERABLE, "its stored picture is missing")
        assert second.message_id is not None


class StuckStorage(DirectoryStorage):
    """Answers nothing until it may."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.may_answer = threading.Event()

    def get(self, key: str) -> bytes:
        assert self.may_answer.wait(60)
        return super().get(key)


async def test_a_storage_that_hangs_delays_results_and_no_answer(town: Town, tmp_path: Path) -> None:
    storage = StuckStorage(tmp_path / "objects")
    async with town.bot(storage=storage):
        try:
            # Together with /job, more looks into the storage than asyncio has threads on a small machine.
            waiting = [await town.imagine(f"picture {number}") for number in range(8)]
            for _ in waiting:
                town.worker.make()
            for job in town.jobs():
                asked = await town.members.slash("ana", "studio", "job", {"id": job.id})
                await town.members.answered(asked)
            await town.slash("queue")
            assert "waiting" in (await town.until_told("being made")).content
        finally:
            storage.may_answer.set()
        for seen in waiting:
            await town.result(seen)


async def test_orders_that_wait_for_the_storage_keep_nobody_else(town: Town, tmp_path: Path) -> None:
    storage = StuckStorage(tmp_path / "objects")
    storage.may_answer.set()
    async with town.bot(storage=storage):
        try:
            asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
            photo = await town.members.upload("studio", "photo.png", picture_bytes())
            seen = await town.slash("img2img", prompt="a fox", image=photo)
            town.worker.make()
            result, job = await town.result(seen), town.only_job()
            assert job.guild_id is not None
            with town.database.begin() as session:
                # The server refuses pictures that look like this one, so given ones are looked at.
                block_pictures(session, job.guild_id, job.id, {1})
            storage.may_answer.clear()
            pressed = await town.press(result, "rerun", bare=True)
            await town.press(result, "seed", bare=True)
            form = await town.press(result, "remix", "ben")
            await town.members.answered(await town.members.submit("ben", form.id, {"Prompt": "a hare"}))
            await town.slash("queue")
            assert "waiting" in (await town.until_told("being made")).content
            assert len(town.jobs()) == 1
        finally:
            storage.may_answer.set()
        await town.until(pressed, "a fox")


async def test_a_storm_of_429s_delays_but_loses_nothing(town: Town) -> None:
    async with town.bot():
        seen = await town.imagine()
        claimed = town.worker.claim()
        fault = Fault(kind=FaultKind.RATE_LIMITED, method="PATCH", route=EDIT_BY_TOKEN, times=3, seconds=0.2)
        await town.members.fault(fault)
        town.worker.finish(claimed)
        await town.result(seen)
    assert len(await town.all_messages()) == 1
