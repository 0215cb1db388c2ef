"""Who may do what with a picture: its member, others, moderators, managers, the banned, other servers'.

Each verb, of the job, one of its pictures or the gallery, is pressed by each of them on a fresh picture of
ana's; reactions and message menus do the same (`bot.verbs`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import discord
import pytest
from sqlalchemy import func, select

from actions.appeal import appeal
from actions.publish import publish
from actions.report import report
from actions.sanction import lift, sanction
from bot.client import Atelier
from bot.cogs.reports import Rule, RuleAppeal
from bot.gallery_buttons import GALLERY_ITEMS, PublishOne, PublishSurely, RemixOne, Vote
from bot.items import LastingItem
from bot.picture_buttons import PICTURE_BUTTONS
from bot.verbs import VERBS
from core.errors import NotFound
from core.jobs import JobState
from core.moderation import Ruling, SanctionKind
from db.gallery_tables import GalleryEntryRow, VoteRow
from db.jobs import Job
from db.moderation_tables import AppealRow, ReportRow
from db.sanctions import Sanction
from db.tables import JobRow
from sandbox.seen import SeenInteraction, SeenMessage
from tests.bot.scene import Scene, set_scene
from tests.bot.studio import Town
from tests.bot.worker import picture_bytes

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
    # What members reported and appealed against.
    "approve": {"mira", "olive"},
    "remove": {"mira", "olive"},
    "strike": {"mira", "olive"},
    "grant": {"mira", "olive"},
    "decline": {"mira", "olive"},
}
RULINGS = {"approve": Ruling.APPROVE, "remove": Ruling.REMOVE, "strike": Ruling.STRIKE}


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


async def decided(pressed: Pressed) -> bool:
    """The report or the appeal is closed, by whoever pressed."""
    reports = rows(pressed.town, ReportRow, job_id=pressed.job.id, ruled_by=pressed.member_id)
    return reports + rows(pressed.town, AppealRow, ruled_by=pressed.member_id) == 1


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
    **dict.fromkeys((*RULINGS, "grant", "decline"), decided),
}


def test_every_verb_has_its_row() -> None:
    verbs = [item.verb for item in (*VERBS, *PICTURE_BUTTONS, PublishOne, PublishSurely, RemixOne)]
    assert {*verbs, "vote", *RULINGS, "grant", "decline"} == set(MAY)
    assert set(RULINGS.values()) == set(Ruling)
    assert set(GALLERY_ITEMS) == {PublishOne, PublishSurely, RemixOne, Vote}


@pytest.mark.parametrize("verb", sorted(MAY))
async def test_who_may(town: Town, bot: Atelier, verb: str) -> None:
    scene = await set_scene(town, bot)
    # Discord takes five messages in five seconds in a channel, and there are more people.
    spare = await town.members.add_channel("spare")
    allowed = set()
    for number, member in enumerate(PEOPLE):
        job = await picture(town, waits=verb == "cancel", has_map=verb == "usemap")
        channel = spare if number % 2 and member != "finn" else scene.channel_of(member)
        if await does(scene, verb, job, member, channel):
            allowed.add(member)
    assert allowed == MAY[verb]


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


def button(scene: Scene, verb: str, job: Job) -> LastingItem[Any]:
    """The verb's button."""
    studio = scene.studio
    if verb == "vote":
        return Vote.of(publish(studio, scene.person("ana"), job.id).entry)
    if verb in RULINGS:
        report(studio, scene.person("ben"), job.id)
        return Rule(RULINGS[verb], job.id)
    if verb in ("grant", "decline"):
        return RuleAppeal(appealed(scene).id, granted=verb == "grant")
    about_one = {item.verb: item for item in (*PICTURE_BUTTONS, PublishOne, RemixOne)}
    if verb in about_one:
        return about_one[verb](job.id, 0)
    return next(found for found in (*VERBS, PublishSurely) if found.verb == verb)(job.id)


def appealed(scene: Scene) -> Sanction:
    """A strike of kim's, who asks that it be lifted."""
    mira, kim = scene.person("mira"), scene.person("kim")
    with suppress(NotFound):
        lift(scene.studio, mira, kim, SanctionKind.STRIKE)
    sanction(scene.studio, mira, kim, SanctionKind.STRIKE, reason="rude", lasts_s=None)
    return appeal(scene.studio, kim, "it was a fox")


async def does(scene: Scene, verb: str, job: Job, member: str, channel: int) -> bool:
    """Whether a press of the verb's button does what it says; if not, the member is told why."""
    town, member_id = scene.town, scene.ids[member]
    view = discord.ui.View(timeout=None)
    pressed = button(scene, verb, job)
    view.add_item(pressed)
    copy = await scene.bot.get_partial_messageable(channel).send("Press", view=view)
    before = rows(town, JobRow, member_id=member_id)
    seen = await town.members.settled(await town.members.press(member, copy.id, pressed.custom_id))

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
