"""Who may do what by a reaction: each verb, tried by everybody."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest
from sqlalchemy import func, select

from bot.buttons import Rerun, row_of
from bot.client import Atelier
from core.addon_spec import AddonKind, AddonSpec
from db.addons import register_addons
from db.gallery_tables import GalleryEntryRow, VoteRow
from db.moderation_tables import ReportRow
from sandbox.seen import SeenMessage
from tests.bot.studio import Town

pytestmark = pytest.mark.usefixtures("bot")

#: The owner of the job, another member, a moderator, the server's owner; one who is banned; and a moderator
#: of another server, who meets the same buttons there.
PEOPLE = ("ana", "ben", "maya", "olive", "dora", "chloe")
HERE = {"ana", "ben", "maya", "olive"}

#: By emoji: who may.
ALLOWED = {
    "🔁": HERE,
    "🎲": HERE,
    "✏️": HERE,
    "⬆️": HERE,
    "⭐": HERE,
    "✉️": HERE,
    "🚩": HERE - {"ana"},
    "🖼️": {"ana"},
    "🗑️": {"ana", "maya", "olive"},
}


@dataclass(frozen=True, kw_only=True)
class Traces:
    """What a reaction may leave behind."""

    jobs: frozenset[str]
    #: Votes, reports and published pictures.
    rows: tuple[int, ...]
    #: Of the bot, in the channel and in the member's direct messages.
    replies: int
    pictures: int
    words: int


async def traces(town: Town, member: str, message: SeenMessage) -> Traces:
    with town.database.read() as session:
        tables = (VoteRow, ReportRow, GalleryEntryRow)
        rows = [session.scalar(select(func.count()).select_from(table)) or 0 for table in tables]
    replies = [seen for seen in await town.all_messages() if seen.reply_to == message.id]
    direct = await town.members.messages(await town.members.open_dm(member), member)
    told = [seen for seen in direct if seen.author_is_bot]
    return Traces(
        jobs=frozenset(job.id for job in town.jobs()),
        rows=tuple(rows),
        replies=len(replies),
        pictures=sum(len(seen.attachments) for seen in told),
        words=len([seen for seen in told if not seen.attachments]),
    )


@pytest.mark.parametrize("emoji", ALLOWED)
async def test_who_may(town: Town, bot: Atelier, emoji: str) -> None:
    upscaler = AddonSpec(kind=AddonKind.UPSCALER, name="twice", title="Twice", factor=2)
    with town.database.begin() as session:
        register_addons(session, "w", [upscaler])
    await town.members.add_member("dora")
    await town.members.settled(
        await town.members.slash(
            "maya", "studio", "mod ban", {"member": await member_id(town, "dora"), "reason": "spam"}
        )
    )
    await town.members.add_guild("Elsewhere", owner="chloe")
    workshop = await town.members.add_channel("workshop", guild="Elsewhere")
    message = await drawn(town)
    for member in PEOPLE:
        if message.id not in [seen.id for seen in await town.all_messages()]:
            message = await drawn(town)
        target = message
        if member == "chloe":
            target = await copied(bot, town, workshop, max(town.jobs(), key=lambda job: job.created_at).id)
        before = await at_rest(town, member, target)
        await town.members.react(member, target.id, emoji)
        await changed(town, member, target, before)
        after = await at_rest(town, member, target)
        # Whoever may not is told so, and nothing else happens.
        refused = after.words == before.words + 1 and (
            after.jobs,
            after.rows,
            after.replies,
            after.pictures,
        ) == (
            before.jobs,
            before.rows,
            before.replies,
            before.pictures,
        )
        assert refused == (member not in ALLOWED[emoji]), (member, before, after)


async def changed(town: Town, member: str, message: SeenMessage, before: Traces) -> None:
    async def look() -> bool:
        return await traces(town, member, message) != before

    await town.members.wait_until(look)


async def at_rest(town: Town, member: str, message: SeenMessage) -> Traces:
    """The traces once nothing is added to them any more."""
    seen = await traces(town, member, message)
    while True:
        await asyncio.sleep(0.1)
        again = await traces(town, member, message)
        if again == seen:
            return again
        seen = again


async def drawn(town: Town) -> SeenMessage:
    """A new result of ana's."""
    seen = await town.imagine("a red fox")
    town.worker.make()
    return await town.result(seen)


async def copied(bot: Atelier, town: Town, channel_id: int, job_id: str) -> SeenMessage:
    """The job's buttons under a message in another server."""
    copy = await bot.get_partial_messageable(channel_id).send("copy", view=row_of(job_id, Rerun))
    return await town.members.wait_for(channel_id, lambda seen: seen.id == copy.id, member="chloe")


async def member_id(town: Town, name: str) -> str:
    guild = (await town.members.town())["guilds"][0]
    return next(one["user"]["id"] for one in guild["members"] if one["user"]["username"] == name)
