"""The gallery channel: each message is seen once, whatever Discord, the network and restarts do."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select, update

from bot.client import Atelier
from core.gallery import PostKind
from core.storage import image_key
from db.gallery_posts import message_of
from db.gallery_tables import GalleryPostRow
from db.tables import ImageRow
from sandbox.faults import Fault, FaultKind
from tests.bot.studio import Town
from tests.bot.test_gallery import (
    SEND,
    browse_until,
    made,
    open_gallery,
    posted,
    published,
    starred,
    until_gone,
)

#: Discord's *View Channel*, *Send Messages* and *Read Message History*.
VIEW, WRITE, READ_HISTORY = 1 << 10, 1 << 11, 1 << 16


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Votes are shown without waiting for others."""
    monkeypatch.setattr("db.gallery.SETTLE_S", 0.0)


@pytest.mark.parametrize("kind", [FaultKind.BAD_GATEWAY_AFTER, FaultKind.DROP_AFTER, FaultKind.DROP_BEFORE])
@pytest.mark.usefixtures("bot")
async def test_a_post_of_unknown_outcome_is_seen_once(town: Town, kind: FaultKind) -> None:
    await open_gallery(town)
    message = await published(town)
    await town.members.fault(Fault(kind=kind, method="POST", route=SEND))
    await town.members.react("ben", message.id, "⭐")
    await posted(town, "⭐ **1**")
    await settled(town)
    assert len(await town.members.messages("gallery", "ben")) == 1


async def settled(town: Town) -> GalleryPostRow:
    async with asyncio.timeout(15):
        while True:
            with town.database.read() as session:
                row = session.scalars(select(GalleryPostRow)).one_or_none()
            if row is not None and row.due_at is None:
                return row
            await asyncio.sleep(0.05)


async def test_a_post_that_a_dead_bot_sent_is_found_and_kept(town: Town) -> None:
    async with town.bot():
        shown = await starred(town)
        await settled(town)
    with town.database.begin() as session:
        session.execute(update(GalleryPostRow).values(message_id=None, due_at=0.0))
    # Longer than Discord remembers a nonce.
    await town.members.advance(600)
    async with town.bot():
        assert (await settled(town)).message_id == shown.id
        await town.slash("gallery unpublish", id=town.only_job().id)
        await until_gone(town)


@pytest.mark.usefixtures("bot")
async def test_a_post_that_a_moderator_deleted_stays_away(town: Town) -> None:
    shown = await starred(town)
    await settled(town)
    await town.members.delete("maya", shown.id)
    # Longer than Discord remembers a nonce.
    await town.members.advance(600)
    original = next(one for one in await town.all_messages() if one.attachments)
    for votes, member in enumerate(("chloe", "maya"), 2):
        await town.members.react(member, original.id, "⭐")
        await browse_until(town, f"⭐ {votes}")
        row = await settled(town)
        assert "deleted" in (row.reason or "")
    assert await town.members.messages("gallery", "ben") == []
    with town.database.read() as session:
        assert message_of(session, PostKind.ENTRY, row.subject_id) is None, "no link leads there"


@pytest.mark.usefixtures("bot")
async def test_what_is_for_adults_is_posted_in_an_age_restricted_channel_only(town: Town) -> None:
    await open_gallery(town)
    message = await made(town)
    with town.database.begin() as session:
        session.execute(update(ImageRow).values(flagged=True))
    await town.press(message, "publish")
    await town.until_told("in the gallery now")
    await town.slash("gallery browse", "ben")
    await town.until_told("Nothing of the kind", member="ben")
    await town.members.react("ben", message.id, "⭐")
    await asyncio.sleep(0.7)
    assert await town.members.messages("gallery", "ben") == []
    await town.members.change_channel("gallery", nsfw=True)
    await town.members.react("chloe", message.id, "⭐")
    shown = await posted(town, "⭐ **2**")
    assert shown.attachments[0]["filename"].startswith("SPOILER_")


@pytest.mark.usefixtures("bot")
async def test_a_post_that_was_closed_for_a_while_is_the_same_afterwards(town: Town) -> None:
    shown = await starred(town)
    await settled(town)
    original = next(one for one in await town.all_messages() if one.attachments)
    await town.members.set_overwrite("gallery", member="Atelier", deny=VIEW | WRITE | READ_HISTORY)
    await town.members.react("chloe", original.id, "⭐")
    await browse_until(town, "⭐ 2")
    assert "may not write" in ((await settled(town)).reason or "")
    # It may not look for its message there: it has to know it.
    await town.members.set_overwrite("gallery", member="Atelier", allow=VIEW | WRITE, deny=READ_HISTORY)
    await town.members.advance(600)
    await town.members.react("maya", original.id, "⭐")
    assert (await posted(town, "⭐ **3**")).id == shown.id
    assert len(await town.members.messages("gallery", "ben")) == 1


@pytest.mark.usefixtures("bot")
async def test_what_has_enough_stars_already_is_posted_with_its_next_one(town: Town) -> None:
    message = await published(town)
    await town.members.react("ben", message.id, "⭐")
    await browse_until(town, "⭐ 1")
    await open_gallery(town)
    for told in ("are posted in <#", "posted once it has 1 ⭐"):
        await town.until_told(told, "with", "next vote", member="maya")
    assert await town.members.messages("gallery", "ben") == []
    await town.members.react("chloe", message.id, "⭐")
    await posted(town, "⭐ **2**")


@pytest.mark.usefixtures("bot")
async def test_a_lost_picture_is_not_tried_for_ever(town: Town) -> None:
    await open_gallery(town)
    message = await published(town)
    town.storage.delete(image_key(town.only_job().id, 0))
    await town.members.react("ben", message.id, "⭐")
    assert "picture is missing" in ((await settled(town)).reason or "")
    assert await town.members.messages("gallery", "ben") == []


async def test_a_bot_that_may_not_write_there_goes_on(town: Town, bot: Atelier) -> None:
    await open_gallery(town)
    message = await published(town)
    await town.members.set_overwrite("gallery", member="Atelier", deny=2048)
    await town.members.react("ben", message.id, "⭐")
    assert "may not write" in ((await settled(town)).reason or "")
    assert bot.loops_run
    await town.members.set_overwrite("gallery", member="Atelier", allow=2048)
    await town.members.react("chloe", message.id, "⭐")
    await posted(town, "⭐ **2**")
