"""`/takedown` through Discord: the message goes, and the same picture is refused when it is attached."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from core.storage import image_key
from db.copies import keep_copy, remove_messages_of
from db.jobs import delete_job
from tests.bot.reacting import direct
from tests.bot.studio import Town
from tests.bot.test_gallery import made

pytestmark = pytest.mark.usefixtures("bot")


async def test_a_picture_goes_for_good(town: Town) -> None:
    seen = await town.imagine()
    town.worker.make()
    result = await town.result(seen)
    job = town.only_job()
    png = town.storage.get(image_key(job.id, 0))
    await town.slash("takedown picture", "ben", id=job.id, reason="mine")
    await town.until_told("for moderators", member="ben")
    await town.slash("takedown picture", "maya", id=job.id, reason="not here")
    await town.until_told("taken down", member="maya")
    await town.until_gone(result)
    assert town.jobs() == [] and not town.storage.exists(image_key(job.id, 0))
    file = await town.members.upload("studio", "again.png", png)
    await town.slash("img2img", "ben", image=str(file), prompt="a fox")
    await town.until_told("was taken down", member="ben")
    assert town.jobs() == []
    await town.slash("takedown undo", "maya", id=job.id)
    await town.until_told("may come back", member="maya")
    await town.slash("img2img", "ben", image=str(file), prompt="a fox")
    assert len(town.jobs()) == 1


async def test_it_is_told_where_nothing_is_refused(town: Town) -> None:
    message = await made(town)
    job = town.only_job()
    town.storage.delete(image_key(job.id, 0))
    await town.slash("takedown picture", "maya", id=job.id, reason="not here")
    await town.until_told("taken down", "not refused", member="maya")
    await town.until_gone(message)


@pytest.mark.parametrize("how", ["takedown", "delete", "privacy"])
async def test_what_came_to_direct_messages_goes_too(town: Town, how: str) -> None:
    original = await made(town)
    await town.slash("settings me", setting="private", value="yes")
    await town.members.react("ana", original.id, "🔁")
    await direct(town, "ana", "It will come here")
    town.worker.make()
    result = await direct(town, "ana", "seed")
    await town.members.react("ben", original.id, "✉️")
    copy = await direct(town, "ben", "a red fox")
    private = town.jobs()[1]
    assert private.ephemeral
    if how == "takedown":
        # The other one that made the same goes with it.
        await town.slash("takedown picture", "maya", id=private.id, reason="not here")
    elif how == "delete":
        for message in (original, result):
            await town.members.react("ana", message.id, "🗑️")
    else:
        await town.slash("privacy delete")
        asked = await town.until_told("can't be undone")
        await town.members.settled(await town.members.press("ana", asked.id, asked.buttons[0]["custom_id"]))
    await town.until_gone(result)
    await town.until_gone(copy, "ben")


async def test_a_copy_of_what_was_deleted_meanwhile_goes_at_once(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = await made(town)

    def late(session: Session, job_id: str, **where: int) -> bool:
        # Between the sending and the note of it.
        delete_job(session, job_id)
        remove_messages_of(session, job_id)
        return keep_copy(session, job_id, **where)

    monkeypatch.setattr("bot.copies.keep_copy", late)
    await town.press(message, "mine", "ben")
    await town.until_told("no such picture", member="ben")
    assert town.jobs() == []
    await town.until_gone(message)

    async def nothing() -> bool:
        return await town.members.messages(await town.members.open_dm("ben"), "ben") == []

    await town.members.wait_until(nothing)
