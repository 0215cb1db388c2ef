"""Where a result is shown: after its token has ended, without a placeholder, to one person alone."""

from __future__ import annotations

import asyncio

import pytest

from db.tables import DeliveryState
from sandbox.faults import Fault, FaultKind
from tests.bot.studio import Town

SEND = "/channels/{channel_id}/messages"
CALLBACK = "/interactions/{interaction_id}/{interaction_token}/callback"
PAST_TOKEN_S = 16 * 60.0


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
    await town.members.settled(await town.members.press("ana", panel.id, "Only I see it: no"))
    made = await town.members.settled(await town.members.press("ana", panel.id, "Make it"))
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
        await town.members.settled(
            await town.members.slash("ada", "studio", "imagine", {"prompt": "secret", "advanced": True})
        )
        panel = await town.told("ada")
        for button in ("Only I see it: no", "Make it"):
            await town.members.settled(await town.members.press("ada", panel.id, button))
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
