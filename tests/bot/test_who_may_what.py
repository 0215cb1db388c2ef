"""Who may do what with a picture: its member, others, moderators, managers, the banned, other servers'.

Each verb is pressed by each of them on a fresh picture of ana's; reactions and message menus do the same
(`bot.verbs`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import discord
import pytest
from sqlalchemy import func, select

from bot.client import Atelier
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
    "rerun": made,
    "seed": made,
    "upscale-one": made,
    "remix": asked_for_words,
    "favourite": starred,
    "publish": published,
    "report": reported,
    "delete": gone,
    "cancel": cancelled,
    "mine": sent,
}


def test_every_verb_has_its_row() -> None:
    assert {verb.verb for verb in VERBS} == set(MAY)


@pytest.mark.parametrize("verb", sorted(MAY))
async def test_who_may(town: Town, bot: Atelier, verb: str) -> None:
    elsewhere, ids = await people(town)
    with town.database.begin() as session:
        register_addons(session, "w", UPSCALERS)
    allowed = set()
    for member in PEOPLE:
        job = await picture(town, waits=verb == "cancel")
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


async def picture(town: Town, *, waits: bool) -> Job:
    """A fresh job of ana's."""
    seen = await town.imagine()
    job = town.jobs()[-1]
    if not waits:
        # Others' presses wait before it.
        for _ in [waiting for waiting in town.jobs() if waiting.state == JobState.QUEUED]:
            town.worker.make()
        await town.result(seen)
    return job


async def does(
    town: Town, bot: Atelier, verb: str, job: Job, member: str, member_id: int, channel: int
) -> bool:
    """Whether a press of the verb's button does what it says; if not, the member is told why."""
    view = discord.ui.View(timeout=None)
    view.add_item(next(found for found in VERBS if found.verb == verb)(job.id))
    copy = await bot.get_partial_messageable(channel).send("Press", view=view)
    before = rows(town, JobRow, member_id=member_id)
    custom_id = f"{verb}:{job.id}"
    seen = await town.members.answered(await town.members.press(member, copy.id, custom_id))

    async with asyncio.timeout(10):
        while True:
            alone = [one for one in await town.members.messages(channel, member) if _news(one, copy.id)]
            pressed = Pressed(
                town=town,
                member=member,
                member_id=member_id,
                job=job,
                seen=seen,
                told=alone[-1] if alone else None,
                before=before,
            )
            if await EFFECT.get(verb, shown)(pressed):
                return True
            if pressed.told is not None and pressed.told.text:
                return False
            await asyncio.sleep(0.02)


def _news(message: SeenMessage, since: int) -> bool:
    return message.ephemeral and not message.loading and message.id > since
