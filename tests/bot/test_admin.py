"""`/admin` through Discord: who may run what, and what becomes of what is asked for meanwhile."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from sqlalchemy import update

from core.charts import bar_chart
from db.tables import JobRow
from tests.bot.studio import Town

pytestmark = pytest.mark.usefixtures("bot")

#: In the local Discord the bot is Olive's.
OWNER, MANAGER = "olive", "maya"


async def use(town: Town, name: str, by: str = MANAGER, **options: object) -> None:
    await town.members.settled(await town.members.slash(by, "studio", f"admin {name}", options))


def claims(town: Town) -> bool:
    """Whether the worker finds something to do."""
    try:
        town.worker.claim()
    except AssertionError:
        return False
    return True


async def test_a_paused_server_takes_orders_that_wait(town: Town) -> None:
    await use(town, "pause", "ben")
    await town.until_told("may manage this server", member="ben")
    await use(town, "pause", reason="new card on Friday")
    await town.until_told("Paused. What runs is finished", member=MANAGER)
    await use(town, "pause")
    await town.until_told("paused already", member=MANAGER)
    seen = await town.imagine()
    await town.until(seen, "⏸️ Paused for now", "new card on Friday")
    assert not claims(town)
    await use(town, "off")
    await town.until_told("paused: this server", "new card on Friday", member=MANAGER)
    await use(town, "resume", "ben")
    await town.until_told("may manage this server", member="ben")
    await use(town, "resume")
    await town.until_told("It goes on.", member=MANAGER)
    await use(town, "resume")
    await town.until_told("Nothing is paused there.", member=MANAGER)
    assert claims(town)


async def test_the_whole_studio_is_for_its_owner(town: Town) -> None:
    await use(town, "pause", where="studio")
    await town.until_told("the owner of this studio", member=MANAGER)
    await use(town, "pause", OWNER, where="studio")
    await town.until_told("Paused.", member=OWNER)
    await town.imagine()
    assert not claims(town)
    await use(town, "resume")
    await town.until_told("Nothing is paused there.", member=MANAGER)
    await use(town, "resume", OWNER, where="studio")
    await town.until_told("It goes on.", member=OWNER)
    assert claims(town)


async def test_drained_workers_finish_and_take_no_more(town: Town) -> None:
    seen = await town.imagine()
    running = town.worker.claim()
    await use(town, "drain")
    await town.until_told("the owner of this studio", member=MANAGER)
    await use(town, "drain", OWNER, worker="another")
    await town.until_told("choose one of w", member=OWNER)
    await use(town, "drain", OWNER)
    await town.until_told("take no more: `w`", member=OWNER)
    await town.imagine("another")
    assert not claims(town)
    town.worker.finish(running)
    await town.result(seen)
    await use(town, "resume", OWNER, where="studio")
    await town.until_told("It goes on.", member=OWNER)
    assert claims(town)


async def test_a_model_that_is_off_draws_nothing(town: Town) -> None:
    first = await town.imagine()
    town.worker.make()
    result = await town.result(first)
    waiting = await town.imagine("it waits")
    await use(town, "model", "ben", model="starter", state="off")
    await town.until_told("may manage this server", member="ben")
    await use(town, "model", model="none", state="off")
    await town.until_told("choose one of starter", member=MANAGER)
    await use(town, "model", model="starter", state="off")
    await town.until_told("`starter` draws no more", member=MANAGER)
    await use(town, "model", model="starter", state="off")
    await town.until_told("so already", member=MANAGER)
    assert not claims(town)
    await town.until(waiting, "Paused for now")
    await town.press(result, "rerun")
    await town.until_told("switched off for now")
    choices = await town.members.choices("ana", "studio", "imagine", "model")
    assert choices == []
    choices = await town.members.choices(MANAGER, "studio", "admin model", "model")
    assert [choice["value"] for choice in choices] == ["starter"]
    await use(town, "model", model="starter", state="on")
    await town.until_told("draws again", member=MANAGER)
    assert claims(town)


async def test_usage_is_listed_and_drawn(town: Town) -> None:
    await use(town, "usage", "ben")
    await town.until_told("may manage this server", member="ben")
    await use(town, "usage")
    await town.until_told("Nobody made a picture", member=MANAGER)
    for member, count in (("ana", 1), ("ben", 3)):
        await town.imagine("a fox", member, count=count)
        town.worker.make()
    await use(town, "usage")
    told = await town.until_told("3 pictures", "1 picture", member=MANAGER)
    assert told.text.index("3 credits") < told.text.index("1 credit ·")
    (chart,) = told.attachments
    assert chart["description"].endswith("1: 3; 2: 1")
    with Image.open(io.BytesIO(await town.members.download(chart))) as image:
        assert image.size[0] == 480
    await use(town, "usage", where="studio")
    await town.until_told("the owner of this studio", member=MANAGER)
    with town.database.begin() as session:
        session.execute(update(JobRow).values(created_at=JobRow.created_at - 10 * 86_400))
    await use(town, "usage", OWNER, where="studio")
    await town.until_told("Nobody made a picture", member=OWNER)
    await use(town, "usage", OWNER, where="studio", days=30)
    await town.until_told("3 pictures", member=OWNER)


async def test_health_is_told_to_the_owner(town: Town) -> None:
    await use(town, "health")
    await town.until_told("the owner of this studio", member=MANAGER)
    await town.imagine()
    await use(town, "health", OWNER)
    await town.until_told(
        "✅ `w` cpu", "1 waiting, 0 being made", "✅ database: sqlite", "✅ storage", "✅ Redis", member=OWNER
    )


async def test_all_of_it_is_audited(town: Town) -> None:
    await use(town, "pause", reason="why not")
    await use(town, "resume")
    await use(town, "model", model="starter", state="off")
    await use(town, "drain", OWNER)
    await town.slash("audit", MANAGER, words="admin")
    await town.until_told(
        "**admin.pause** server", "why not", "**admin.resume**", "**admin.model**", member=MANAGER
    )
    await town.until_told("**admin.drain** studio", member=MANAGER)


def test_a_chart_s_bars_are_as_long_as_their_values() -> None:
    with Image.open(io.BytesIO(bar_chart([100, 50, 0]))) as image:
        lengths = [
            sum(image.getpixel((x, 12 + 30 * place + 11)) == (88, 101, 242) for x in range(480))
            for place in range(3)
        ]
    assert lengths[0] == pytest.approx(2 * lengths[1], abs=2)
    assert lengths[2] <= 3
