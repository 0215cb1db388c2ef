"""Results reach their members exactly once to be seen, whatever Discord, the network and restarts do."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from bot.client import Atelier
from bot.health import health_checks
from core.health import run_checks
from core.storage import DirectoryStorage
from db.tables import DeliveryState
from sandbox.faults import Fault, FaultKind
from tests.bot.studio import Town

EDIT_BY_TOKEN = "/webhooks/{webhook_id}/{webhook_token}/messages/*"
SEND = "/channels/{channel_id}/messages"
CALLBACK = "/interactions/{interaction_id}/{interaction_token}/callback"
PAST_TOKEN_S = 16 * 60.0


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


async def test_past_the_tokens_life_the_bot_token_edits(town: Town) -> None:
    async with town.bot():
        seen = await town.imagine()
        claimed = town.worker.claim()
        town.age(claimed.job.id, PAST_TOKEN_S)
        await town.members.advance(PAST_TOKEN_S)
        town.worker.finish(claimed)
        await town.result(seen)
        assert (await town.settled(claimed.job.id))[0] == DeliveryState.DELIVERED
    served = (await town.members.served())["requests"]
    assert ("PATCH", "/channels/{channel_id}/messages/{message_id}") in [
        (request["method"], request["route"]) for request in served
    ]


async def test_a_token_that_died_early_falls_back_to_the_bot_token(town: Town) -> None:
    async with town.bot():
        seen = await town.imagine()
        await town.members.advance(PAST_TOKEN_S)
        town.worker.make()
        await town.result(seen)


async def lost_answer(town: Town) -> None:
    """A job whose first answer never arrived: the bot died between the two."""
    for _ in range(3):
        await town.members.fault(Fault(kind=FaultKind.DROP_BEFORE, method="POST", route=CALLBACK))
    await town.members.slash("ana", "studio", "imagine", {"prompt": "a red fox"})
    async with asyncio.timeout(10):
        while not town.jobs():
            await asyncio.sleep(0.02)


async def test_a_job_without_a_placeholder_gets_one_new_message(town: Town) -> None:
    async with town.bot():
        await lost_answer(town)
        job = town.worker.make().job
        assert (await town.settled(job.id))[0] == DeliveryState.DELIVERED
    (message,) = await town.all_messages()
    assert len(message.attachments) == 1 and message.nonce == job.id
    assert town.only_job().placeholder_message_id == message.id


@pytest.mark.parametrize("kind", [FaultKind.BAD_GATEWAY_AFTER, FaultKind.DROP_AFTER, FaultKind.DROP_BEFORE])
async def test_a_new_message_of_unknown_outcome_is_seen_once(town: Town, kind: FaultKind) -> None:
    async with town.bot():
        await lost_answer(town)
        await town.members.fault(Fault(kind=kind, method="POST", route=SEND))
        job = town.worker.make().job
        assert (await town.settled(job.id))[0] == DeliveryState.DELIVERED
    assert len(await town.all_messages()) == 1


@pytest.mark.parametrize("age_s", [0.0, PAST_TOKEN_S])
async def test_an_answer_whose_id_was_lost_is_found_and_edited(town: Town, age_s: float) -> None:
    """The bot died between giving the answer and storing its id."""
    async with town.bot():
        seen = await town.imagine()
        job = town.only_job()
        town.lose_placeholder(job)
        town.age(job.id, age_s)
        await town.members.advance(age_s)
        town.worker.make()
        await town.result(seen)
        await town.settled(job.id)
    assert len(await town.all_messages()) == 1
    assert town.only_job().placeholder_message_id == seen.message_id


async def test_once_nonces_are_forgotten_the_message_is_looked_for(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.placeholder._SEARCH_DEPTH", 2)
    async with town.bot():
        await lost_answer(town)
        for _ in range(3):
            await town.members.say("ben", "studio", "a busy channel")
        await town.members.fault(Fault(kind=FaultKind.DROP_AFTER, method="POST", route=SEND))
        job = town.worker.make().job
        async with asyncio.timeout(10):
            while town.delivery(job.id)[1] is None:
                await asyncio.sleep(0.02)
        # Longer than Discord remembers a nonce.
        await town.members.advance(600)
        town.make_due(job.id)
        assert (await town.settled(job.id))[0] == DeliveryState.DELIVERED
    assert len([message for message in await town.all_messages() if message.author_is_bot]) == 1


async def private_job(town: Town) -> int:
    """Ana's job that only she may see; the interaction token is past its life."""
    await town.imagine("secret", advanced=True)
    panel = await town.told()
    await town.members.answered(await town.members.press("ana", panel.id, "Only I see it: no"))
    made = await town.members.answered(await town.members.press("ana", panel.id, "Make it"))
    town.age(town.only_job().id, PAST_TOKEN_S)
    await town.members.advance(PAST_TOKEN_S)
    assert made.message_id is not None
    return made.message_id


async def test_a_private_answer_past_its_token_goes_to_direct_messages(town: Town) -> None:
    async with town.bot():
        await private_job(town)
        job = town.worker.make().job
        assert (await town.settled(job.id))[0] == DeliveryState.DELIVERED
        channel = await town.members.open_dm("ana")
        (message,) = await town.members.messages(channel, "ana")
    assert len(message.attachments) == 1
    assert await town.all_messages("ben") == []


async def test_where_direct_messages_are_closed_it_waits_behind_a_button(town: Town) -> None:
    async with town.bot():
        await town.members.add_member("ada", accepts_dms=False)
        await town.members.answered(
            await town.members.slash("ada", "studio", "imagine", {"prompt": "secret", "advanced": True})
        )
        panel = await town.told("ada")
        for button in ("Only I see it: no", "Make it"):
            await town.members.answered(await town.members.press("ada", panel.id, button))
        town.age(town.only_job().id, PAST_TOKEN_S)
        await town.members.advance(PAST_TOKEN_S)
        job = town.worker.make().job
        assert (await town.settled(job.id))[0] == DeliveryState.DELIVERED
        (notice,) = await town.all_messages("ben")
        assert "secret" not in notice.text and notice.attachments == []
        assert len(notice.mentions) == 1 and notice.mentions[0] == town.only_job().member_id
        await town.press(notice, "show", "ben")
        assert "no such picture" in (await town.until_told("picture", member="ben")).content
        await town.press(notice, "show", "ada")
        shown = await town.until_told("secret", "Euler", member="ada")
        assert len(shown.attachments) == 1


@pytest.mark.parametrize("told_by_discord", [True, False])
async def test_a_picture_above_the_servers_limit_comes_as_smaller_webp(
    town: Town, told_by_discord: bool
) -> None:
    """Whether the limit came with the interaction, or is only met as a refusal after a restart."""
    limit = 20_000
    async with town.bot():
        await town.members.add_guild("Small", owner="ana", upload_limit=limit)
        channel = await town.members.add_channel("tiny", guild="Small")
        seen = await town.members.answered(
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
                await town.slash("job", id=job.id)
            await town.slash("queue")
            assert "waiting" in (await town.until_told("being made")).content
        finally:
            storage.may_answer.set()
        for seen in waiting:
            await town.result(seen)


async def test_a_storm_of_429s_delays_but_loses_nothing(town: Town) -> None:
    async with town.bot():
        seen = await town.imagine()
        claimed = town.worker.claim()
        fault = Fault(kind=FaultKind.RATE_LIMITED, method="PATCH", route=EDIT_BY_TOKEN, times=3, seconds=0.2)
        await town.members.fault(fault)
        town.worker.finish(claimed)
        await town.result(seen)
    assert len(await town.all_messages()) == 1


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
