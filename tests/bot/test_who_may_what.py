"""Who may do what with a picture: its member, others, moderators, managers, the banned, other servers'.

Each verb, of the job, one of its pictures or the gallery, is pressed by each of them on a fresh picture of
ana's; reactions and message menus do the same (`bot.verbs`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import discord
import pytest
from sqlalchemy import func, select

from actions.person import Person
from actions.publish import publish
from bot.client import Atelier
from bot.gallery_buttons import GALLERY_ITEMS, PublishOne, PublishSurely, RemixOne, Vote
from bot.items import LastingItem
from bot.picture_buttons import PICTURE_BUTTONS
from bot.verbs import VERBS
from core.jobs import JobState
from db.addons import register_addons
from db.gallery_tables import GalleryEntryRow, VoteRow
from db.jobs import Job
from db.moderation_tables import ReportRow
from db.tables import JobRow
from sandbox.seen import SeenInteraction, SeenMessage
from tests.bot.studio import Town
from tests.bot.test_upscale import UPSCALERS
from tests.bot.worker import picture_bytes

_MANAGE_MESSAGES = "8192"

#: ana made the picture; olive manages the server, mira moderates it, dora is banned, finn moderates another.
PEOPLE = ("ana", "ben", "mira", "olive", "dora", "finn")
ALL_HERE = {"ana", "ben", "mira", "olive"}
MAY = {
    "rerun": ALL_HERE,
    "seed": ALL_HERE,
    "remix": ALL_HERE,
    "info": ALL_HERE,
    "tools": ALL_HERE,
    "use-one": ALL_HERE,
    "upscale-one": ALL_HERE,
    "favourite": ALL_HERE,
    "mine": ALL_HERE,
    "original": ALL_HERE,
    "show": ALL_HERE,
    "publish": {"ana"},
    "report": ALL_HERE - {"ana"},
    "delete": {"ana", "mira", "olive"},
    "cancel": {"ana", "mira", "olive"},
    # About one of its pictures.
    "vary": ALL_HERE,
    "nudge": ALL_HERE,
    "zoom": ALL_HERE,
    "zoom2": ALL_HERE,
    "left": ALL_HERE,
    "right": ALL_HERE,
    "up": ALL_HERE,
    "down": ALL_HERE,
    "upscale": ALL_HERE,
    "pick": ALL_HERE,
    "use": ALL_HERE,
    "usemap": ALL_HERE,
    "publishone": {"ana"},
    "publishsurely": {"ana"},
    # Of the gallery.
    "remake": ALL_HERE,
    "vote": ALL_HERE,
}


@dataclass(frozen=True, kw_only=True)
class Pressed:
    """What there is to see after a press."""

    town: Town
    member: str
    member_id: int
    job: Job
    seen: SeenInteraction
    #: What the member was told alone.
    told: SeenMessage | None
    #: Rows of the table that the verb writes to, before it.
    before: int


def rows(town: Town, table: type, **values: object) -> int:
    with town.database.read() as session:
        return session.scalar(select(func.count()).select_from(table).filter_by(**values)) or 0


async def made(pressed: Pressed) -> bool:
    return rows(pressed.town, JobRow, member_id=pressed.member_id) > pressed.before


async def starred(pressed: Pressed) -> bool:
    return rows(pressed.town, VoteRow, job_id=pressed.job.id, member_id=pressed.member_id) == 1


async def published(pressed: Pressed) -> bool:
    return rows(pressed.town, GalleryEntryRow, job_id=pressed.job.id) == 1


async def reported(pressed: Pressed) -> bool:
    return rows(pressed.town, ReportRow, job_id=pressed.job.id, reporter_id=pressed.member_id) == 1


async def gone(pressed: Pressed) -> bool:
    return pressed.job.id not in [job.id for job in pressed.town.jobs()]


async def cancelled(pressed: Pressed) -> bool:
    return any(job.id == pressed.job.id and job.state == JobState.CANCELLED for job in pressed.town.jobs())


async def sent(pressed: Pressed) -> bool:
    channel = await pressed.town.members.open_dm(pressed.member)
    return any(
        message.attachments for message in await pressed.town.members.messages(channel, pressed.member)
    )


async def asked_for_words(pressed: Pressed) -> bool:
    return pressed.seen.modal is not None


async def shown(pressed: Pressed) -> bool:
    """An answer with something in it: a card, a picture, buttons, or where the originals are."""
    told = pressed.told
    return told is not None and bool(
        told.embeds or told.attachments or told.components or "15 minutes" in told.text
    )


EFFECT: dict[str, Callable[[Pressed], Awaitable[bool]]] = {
    **dict.fromkeys(("rerun", "seed", "upscale-one", "vary", "nudge", "zoom", "zoom2", "left"), made),
    **dict.fromkeys(("right", "up", "down", "upscale", "pick"), made),
    **dict.fromkeys(("remix", "remake"), asked_for_words),
    **dict.fromkeys(("favourite", "vote"), starred),
    **dict.fromkeys(("publish", "publishone", "publishsurely"), published),
    "report": reported,
    "delete": gone,
    "cancel": cancelled,
    "mine": sent,
}


def test_every_verb_has_its_row() -> None:
    verbs = [item.verb for item in (*VERBS, *PICTURE_BUTTONS, PublishOne, PublishSurely, RemixOne)]
    assert {*verbs, "vote"} == set(MAY)
    assert set(GALLERY_ITEMS) == {PublishOne, PublishSurely, RemixOne, Vote}


@pytest.mark.parametrize("verb", sorted(MAY))
async def test_who_may(town: Town, bot: Atelier, verb: str) -> None:
    elsewhere, ids = await people(town)
    with town.database.begin() as session:
        register_addons(session, "w", UPSCALERS)
    allowed = set()
    for member in PEOPLE:
        job = await picture(town, waits=verb == "cancel", has_map=verb == "usemap")
        channel = elsewhere if member == "finn" else job.channel_id
        if await does(town, bot, verb, job, member, ids[member], channel):
            allowed.add(member)
    assert allowed == MAY[verb]


async def people(town: Town) -> tuple[int, dict[str, int]]:
    """The channel of another server, and everybody's ids."""
    role = await town.members.add_role("keepers", permissions=int(_MANAGE_MESSAGES))
    await town.members.add_member("mira")
    await town.members.set_roles("mira", [str(role)])
    await town.members.add_member("dora")
    guild = await town.members.add_guild("Elsewhere")
    there = await town.members.add_role("keepers", permissions=int(_MANAGE_MESSAGES), guild=str(guild))
    await town.members.add_member("finn", guild=str(guild))
    await town.members.set_roles("finn", [str(there)], guild=str(guild))
    channel = await town.members.add_channel("pictures", guild=str(guild))
    known = await town.members.town()
    users = [member["user"] for guild in known["guilds"] for member in guild["members"]]
    ids = {user["username"]: int(user["id"]) for user in users}
    ban = {"member": str(ids["dora"]), "reason": "rude"}
    await town.members.answered(await town.members.slash("olive", "studio", "mod ban", ban))
    return channel, ids


async def picture(town: Town, *, waits: bool, has_map: bool) -> Job:
    """A fresh job of ana's."""
    seen = await town.imagine()
    job = town.jobs()[-1]
    if not waits:
        # Others' presses wait before it.
        for _ in [waiting for waiting in town.jobs() if waiting.state == JobState.QUEUED]:
            claimed = town.worker.claim()
            if has_map:
                town.worker.store_map(claimed, picture_bytes())
            town.worker.finish(claimed)
        await town.result(seen, pictures=1 + has_map)
    return job


def button(bot: Atelier, verb: str, job: Job) -> LastingItem[Any]:
    """The verb's button."""
    if verb == "vote":
        ana = Person(member_id=job.member_id, guild_id=job.guild_id, channel_id=job.channel_id)
        return Vote.of(publish(bot.studio, ana, job.id).entry)
    about_one = {item.verb: item for item in (*PICTURE_BUTTONS, PublishOne, RemixOne)}
    if verb in about_one:
        return about_one[verb](job.id, 0)
    return next(found for found in (*VERBS, PublishSurely) if found.verb == verb)(job.id)


async def does(
    town: Town, bot: Atelier, verb: str, job: Job, member: str, member_id: int, channel: int
) -> bool:
    """Whether a press of the verb's button does what it says; if not, the member is told why."""
    view = discord.ui.View(timeout=None)
    pressed = button(bot, verb, job)
    view.add_item(pressed)
    copy = await bot.get_partial_messageable(channel).send("Press", view=view)
    before = rows(town, JobRow, member_id=member_id)
    seen = await town.members.answered(await town.members.press(member, copy.id, pressed.custom_id))

    async with asyncio.timeout(10):
        while True:
            alone = [one for one in await town.members.messages(channel, member) if _news(one, copy.id)]
            after = Pressed(
                town=town,
                member=member,
                member_id=member_id,
                job=job,
                seen=seen,
                told=alone[-1] if alone else None,
                before=before,
            )
            if await EFFECT.get(verb, shown)(after):
                return True
            if after.told is not None and after.told.text:
                return False
            await asyncio.sleep(0.02)


def _news(message: SeenMessage, since: int) -> bool:
    return message.ephemeral and not message.loading and message.id > since
