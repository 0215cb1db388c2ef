"""The buttons under a picture, pressed by its member, by others, by moderators, and with forged ids."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from bot.buttons import Delete, Rerun, row_of
from bot.client import Atelier
from core.jobs import JobState
from core.storage import DirectoryStorage
from sandbox.seen import SeenMessage
from tests.bot.studio import Town

pytestmark = pytest.mark.usefixtures("bot")


async def made(town: Town) -> SeenMessage:
    """A delivered picture of ana's."""
    seen = await town.imagine("a red fox", seed=5)
    town.worker.make()
    return await town.result(seen)


async def test_rerun_is_a_new_job_that_follows_the_first_ones_recipe(town: Town) -> None:
    message = await made(town)
    again = await town.press(message, "rerun", "ben")
    first, second = town.jobs()
    assert (second.replay_of, second.parent_id, second.request) == (first.id, first.id, first.request)
    assert second.member_id != first.member_id, "who presses pays"
    town.worker.make()
    await town.result(again, member="ben")


async def test_rerun_of_what_was_never_drawn_says_so(town: Town) -> None:
    seen = await town.imagine()
    await town.press(await town.message(seen), "cancel")
    await town.press(await town.result(seen, pictures=0), "rerun")
    await town.until_told("made with the same settings")
    assert [job.replay_of for job in town.jobs()] == [None, None]


async def test_new_seed_changes_the_seed_alone(town: Town) -> None:
    message = await made(town)
    again = await town.press(message, "seed")
    first, second = town.jobs()
    assert second.request.seed != first.request.seed and second.request.stages == first.request.stages
    assert (second.parent_id, second.replay_of) == (first.id, None)
    town.worker.make()
    await town.result(again)


async def test_cancel_in_the_queue_ends_at_once_with_a_refund(town: Town) -> None:
    seen = await town.imagine()
    await town.press(await town.message(seen), "cancel")
    result = await town.result(seen, pictures=0)
    assert "Cancelled" in result.content and town.spent() == 0


async def test_cancel_while_running_asks_the_worker_to_stop(town: Town) -> None:
    seen = await town.imagine()
    town.worker.claim()
    await town.press(await town.message(seen), "cancel")
    assert "next step" in (await town.told()).content
    assert town.only_job().cancel_requested


@pytest.mark.parametrize("verb", ["cancel", "delete"])
async def test_others_may_neither_cancel_nor_delete(town: Town, verb: str) -> None:
    seen = await town.imagine()
    if verb == "delete":
        town.worker.make()
        await town.result(seen)
    await town.press(await town.message(seen), verb, "ben")
    assert "another member's" in (await town.told("ben")).content
    assert town.only_job().state in (JobState.QUEUED, JobState.DONE)


@pytest.mark.parametrize("member", ["ana", "maya"])
async def test_the_member_or_a_moderator_deletes_job_pictures_and_message(town: Town, member: str) -> None:
    message = await made(town)
    job = town.only_job()
    await town.press(message, "delete", member)
    await town.members.wait_until(lambda: _gone(town, message.id))
    assert town.jobs() == [] and list(town.storage.keys(f"jobs/{job.id}")) == []


class SlowStorage(DirectoryStorage):
    """Deletes nothing until it may."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.may_delete = threading.Event()

    def delete(self, key: str) -> None:
        assert self.may_delete.wait(20)
        super().delete(key)


async def test_delete_is_acknowledged_however_slow_the_storage_is(
    town: Town, bot: Atelier, tmp_path: Path
) -> None:
    message = await made(town)
    await bot.close()
    storage = SlowStorage(tmp_path / "objects")
    async with town.bot(storage=storage):
        try:
            await town.press(message, "delete")
        finally:
            storage.may_delete.set()
        await town.members.wait_until(lambda: _gone(town, message.id))
    assert town.jobs() == []


async def test_info_tells_the_person_alone_how_it_was_made(town: Town) -> None:
    await town.press(await made(town), "info", "ben")
    told = await town.told("ben")
    for fact in ("a red fox", "64×64", "20 steps", "Euler", "5"):
        assert fact in told.text


async def test_a_button_on_a_deleted_job_answers_clearly(town: Town, bot: Atelier) -> None:
    message = await made(town)
    job = town.only_job()
    copy = await bot.get_partial_messageable(message.channel_id).send(
        "copy", view=row_of(job.id, Rerun, Delete)
    )
    await town.press(message, "delete")
    await town.members.wait_until(lambda: _gone(town, message.id))
    for verb in ("rerun", "delete"):
        await town.press(await town.message(copy.id), verb)
        await town.until_told("may have been deleted")
    await town.members.wait_until(lambda: _gone(town, copy.id))
    assert town.jobs() == []


async def test_a_forged_id_is_answered_like_one_that_never_was(town: Town, bot: Atelier) -> None:
    channel = (await made(town)).channel_id
    for forged in ("'; DROP TABLE jobs", "AAAAAAAAAA", "../../etc"):
        copy = await bot.get_partial_messageable(channel).send("forged", view=row_of(forged, Rerun))
        await town.press(await town.message(copy.id), "rerun")
        assert "no such picture" in (await town.told()).content
    assert len(town.jobs()) == 1


async def test_buttons_work_after_a_restart(town: Town, bot: Atelier) -> None:
    message = await made(town)
    await bot.close()
    async with town.bot():
        again = await town.press(message, "seed")
        town.worker.make()
        await town.result(again)
    assert len(town.jobs()) == 2


async def _gone(town: Town, message_id: int) -> bool:
    return message_id not in [message.id for message in await town.all_messages()]
