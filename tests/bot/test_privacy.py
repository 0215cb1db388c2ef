"""`/privacy` through Discord: everything to take along, and everything gone."""

from __future__ import annotations

import io
import zipfile

import discord
import pytest

from bot.client import Atelier
from bot.cogs.privacy import Erase
from tests.bot.studio import Town

pytestmark = pytest.mark.usefixtures("bot")


async def test_a_member_takes_everything_along_and_goes(town: Town) -> None:
    seen = await town.imagine()
    town.worker.make()
    result = await town.result(seen)
    bens = await town.imagine("a boat", member="ben")
    answer = await town.message(await town.imagine("another fox"))
    town.worker.claim()
    job = town.jobs()[0]
    await town.slash("privacy export")
    told = await town.until_told("Your pictures, and everything")
    (attachment,) = told.attachments
    with zipfile.ZipFile(io.BytesIO(await town.members.download(attachment))) as archive:
        assert archive.read(f"pictures/{job.id}/0.png") == town.storage.get(f"jobs/{job.id}/0.png")
        assert b"a red fox" in archive.read("jobs.jsonl")
        assert b"a boat" not in archive.read("jobs.jsonl")
    await town.slash("privacy delete")
    asked = await town.until_told("can't be undone")
    (button,) = asked.buttons
    await town.members.settled(await town.members.press("ana", asked.id, button["custom_id"]))
    await town.until_told("Erased: 2 orders")
    assert [left.member_id for left in town.jobs()] == [town.jobs()[0].member_id]
    assert town.jobs()[0].request.typed_prompt == "a boat"
    for gone in (result, answer):
        await town.until_gone(gone, "ben")
    assert bens.message_id in [message.id for message in await town.all_messages("ben")]
    assert list(town.storage.keys("jobs/")) == []
    await town.slash("quota show")
    await town.until_told("0 credits")


async def test_nobody_erases_another(town: Town, bot: Atelier) -> None:
    channel = (await town.message(await town.imagine())).channel_id
    view = discord.ui.View(timeout=None)
    view.add_item(Erase(town.only_job().member_id))
    forged = await bot.get_partial_messageable(channel).send("Press here", view=view)
    await town.press(await town.message(forged.id), "erase-me", "ben")
    await town.until_told("somebody else", member="ben")
    assert len(town.jobs()) == 1


async def test_what_is_too_large_for_a_message_lies_in_the_storage(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discord.Interaction, "filesize_limit", property(lambda _: 10, lambda *_: None))
    await town.imagine()
    await town.slash("contest start", "maya", theme="foxes", lasts="2h")
    for command, member, options in (("privacy export", "ana", {}), ("audit", "maya", {"export": True})):
        await town.slash(command, member, **options)
        told = await town.until_told("too large for a message", member=member)
        assert not told.attachments
        (stored,) = [one.key for one in town.storage.keys("exports/") if one.key in told.text]
        assert town.storage.get(stored)
