"""`/imagine`, from the command to the delivered picture."""

from __future__ import annotations

import asyncio

import pytest

from bot.client import Atelier
from bot.throttle import PER_CHANNEL
from db.jobs import delete_job
from db.tables import DeliveryState
from sandbox.faults import Fault, FaultKind
from tests.bot.studio import Town

pytestmark = pytest.mark.usefixtures("bot")


async def test_a_command_becomes_a_picture_in_its_own_placeholder(town: Town) -> None:
    seen = await town.imagine("a red fox", seed=5, size="16:9")
    placeholder = await town.message(seen)
    job = town.only_job()
    assert seen.ack_latency_s is not None
    assert "a red fox" in placeholder.content and "Next in line" in placeholder.content
    assert (job.placeholder_message_id, job.channel_id) == (placeholder.id, placeholder.channel_id)
    assert job.request.seed == 5 and job.request.denoise.width > job.request.denoise.height

    town.worker.make()
    result = await town.result(seen)
    assert "seed 5" in result.content
    assert result.attachments[0]["description"] == "Picture 1 of 1: a red fox"
    verbs = [button["custom_id"].partition(":")[0] for button in result.buttons]
    assert verbs[:5] == ["rerun", "seed", "remix", "info", "delete"]
    assert len(await town.all_messages()) == 1
    assert await town.settled(job.id) == (DeliveryState.DELIVERED, None)


async def test_progress_shows_step_bar_and_preview_and_then_the_result(town: Town) -> None:
    seen = await town.imagine()
    claimed = town.worker.claim()
    town.worker.progress(claimed, 5, preview=True)
    running = await town.until(seen, "5/20", "▰▰▰▱", pictures=1)
    assert running.attachments[0]["filename"] == "preview.webp"
    town.worker.finish(claimed)
    result = await town.result(seen)
    assert "▰" not in result.content and result.attachments[0]["filename"].endswith("1.png")


async def test_several_pictures_come_as_grid_and_singles(town: Town) -> None:
    seen = await town.imagine(count=3)
    town.worker.make()
    result = await town.result(seen, pictures=4)
    names = [file["filename"].partition("-")[2] for file in result.attachments]
    assert names == ["grid.webp", "1.png", "2.png", "3.png"]


async def test_places_in_line_are_told_and_move_on(town: Town) -> None:
    await town.imagine("first", "ben")
    second = await town.imagine("second", "ana")
    assert "Number 2 in line" in (await town.message(second)).content
    town.worker.claim()
    await town.until(second, "Next in line")


async def test_a_place_that_was_throttled_or_taken_in_by_an_earlier_bot_is_still_told(
    town: Town, bot: Atelier
) -> None:
    await town.imagine("first", "ben")
    second = await town.imagine("second", "ana")
    await bot.close()
    town.worker.claim()
    async with town.bot() as successor:
        job = next(job for job in town.jobs() if job.request.typed_prompt == "second")
        for number in range(PER_CHANNEL):
            successor.throttle.spend(job.channel_id, f"result {number}")
        await town.until(second, "Next in line", timeout_s=20)


async def test_what_the_bot_remembers_of_a_job_ends_with_it(town: Town, bot: Atelier) -> None:
    await town.imagine("waits")
    await town.imagine("is deleted while it runs", "ben")
    claimed = town.worker.claim()
    town.worker.progress(claimed, 5)
    async with asyncio.timeout(10):
        while not (bot.progress._shown and bot.progress._waiting):
            await asyncio.sleep(0.02)
    with town.database.begin() as session:
        for job in town.jobs():
            delete_job(session, job.id)
    async with asyncio.timeout(10):
        while bot.progress._shown or bot.progress._waiting:
            await asyncio.sleep(0.02)


async def test_what_was_withheld_is_told_and_refunded(town: Town) -> None:
    seen = await town.imagine(count=2)
    claimed = town.worker.claim()
    town.worker.finish(claimed, images=1)
    result = await town.result(seen)
    assert "1 of 2 missing" in result.content and "1 credit came back" in result.content
    assert town.spent() == 1


async def test_a_note_on_a_finished_job_is_told_with_its_picture(town: Town) -> None:
    seen = await town.imagine()
    town.worker.finish(town.worker.claim(), note="Near-exact: another graphics card.")
    assert "Near\\-exact\\: another" in (await town.result(seen)).content


async def test_a_failure_is_told_in_its_own_words_and_refunded(town: Town) -> None:
    seen = await town.imagine()
    town.worker.fail(town.worker.claim(), "The model file is broken.")
    result = await town.result(seen, pictures=0)
    assert "could not be made" in result.content and "The model file is broken" in result.text.replace(
        "\\", ""
    )
    assert town.spent() == 0


async def test_a_prompt_pings_nobody_and_is_shown_letter_by_letter(town: Town) -> None:
    seen = await town.imagine("@everyone <@123> [x](https://y.z) ||`a`|| **b**")
    town.worker.make()
    result = await town.result(seen)
    assert not result.mentions_everyone and result.mentions == []
    assert r"\[x\]\(https\://y\.z\)" in result.content and r"\|\|\`a\`\|\|" in result.content


async def test_an_interaction_that_arrives_twice_makes_one_job_and_one_message(town: Town) -> None:
    await town.members.fault(Fault(kind=FaultKind.DUPLICATE, method="EVENT", route="INTERACTION_CREATE"))
    seen = await town.imagine()
    town.worker.make()
    await town.result(seen)
    assert len(town.jobs()) == 1 and len(await town.all_messages()) == 1 and town.spent() == 1


@pytest.mark.parametrize("kind", [FaultKind.BAD_GATEWAY_AFTER, FaultKind.DROP_AFTER, FaultKind.DROP_BEFORE])
async def test_an_acknowledgement_of_unknown_outcome_is_given_once(town: Town, kind: FaultKind) -> None:
    route = "/interactions/{interaction_id}/{interaction_token}/callback"
    await town.members.fault(Fault(kind=kind, method="POST", route=route))
    seen = await town.imagine()
    town.worker.make()
    await town.result(seen)
    assert len(await town.all_messages()) == 1
    assert town.only_job().placeholder_message_id == seen.message_id


async def test_models_and_sizes_are_offered(town: Town) -> None:
    offered = await town.members.choices("ana", "studio", "imagine", "model", "STAR", {"prompt": "x"})
    assert [(choice["name"], choice["value"]) for choice in offered] == [("Starter", "starter")]
    sizes = await town.members.choices("ana", "studio", "imagine", "size", "wide", {"prompt": "x"})
    assert [choice["value"] for choice in sizes] == ["16:9"]
