"""`/history`, `/job`, `/cancel`, `/queue`, and a walk over all commands."""

from __future__ import annotations

import re
from typing import Any

import pytest

from bot.client import Atelier
from core.jobs import JobState
from core.price import total_work
from core.tiers import STANDARD
from db.account_tables import SpeedRow
from tests.bot.studio import Town

pytestmark = pytest.mark.usefixtures("bot")


async def test_history_pages_through_ones_own_pictures(town: Town) -> None:
    await town.slash("history")
    assert "Nothing here yet" in (await town.told()).text
    for number in range(10):
        await town.imagine(f"picture {number}")
    await town.imagine("someone else's", "ben")
    await town.slash("history")
    newest = await town.until_told("picture 9")
    assert "picture 2" in newest.text and "picture 1" not in newest.text and "else" not in newest.text
    await town.members.settled(await town.members.press("ana", newest.id, "Older"))
    older = await town.until_told("picture 0")
    assert older.id == newest.id and [button["label"] for button in older.buttons] == ["Newest"]
    await town.members.settled(await town.members.press("ana", newest.id, "Newest"))
    await town.until_told("picture 9")


async def test_job_shows_a_picture_again_to_its_member_alone(town: Town) -> None:
    seen = await town.imagine("a red fox")
    town.worker.make()
    await town.result(seen)
    await town.slash("job", id=town.only_job().id.lower())
    shown = await town.until_told("64×64", "Euler")
    assert len(shown.attachments) == 1 and shown.ephemeral


async def test_job_of_nothing_is_told_so(town: Town) -> None:
    await town.slash("job", id="nonsense")
    assert "no such picture" in (await town.told()).content


async def test_cancel_offers_ones_own_open_jobs_and_ends_one(town: Town) -> None:
    seen = await town.imagine("a red fox")
    job = town.only_job()
    offered = await town.members.choices("ana", "studio", "cancel", "id", "red")
    assert [choice["value"] for choice in offered] == [job.id]
    assert await town.members.choices("ben", "studio", "cancel", "id", "") == []
    await town.slash("cancel", "ben", id=job.id)
    assert "another member's" in (await town.told("ben")).content
    await town.slash("cancel", id=job.id)
    await town.result(seen, pictures=0)
    assert town.only_job().state == JobState.CANCELLED
    await town.slash("cancel", id=job.id)
    await town.until_told("ended already")


async def test_queue_tells_its_length_and_ones_own_places(town: Town) -> None:
    await town.imagine("first", "ben")
    await town.imagine("second")
    town.worker.claim()
    await town.slash("queue")
    told = await town.told()
    assert "**1** being made, **1** waiting" in told.content and "second" in told.content
    assert "first" not in told.content


async def test_what_runs_tells_its_steps_and_the_time_that_it_should_still_take(town: Town) -> None:
    seen = await town.imagine()
    claimed = town.worker.claim()
    town.worker.progress(claimed, 1)
    # Nothing was measured yet.
    assert "left" not in (await town.until(seen, "1/20")).content
    # A minute for all of it.
    seconds_per_work = 60 / total_work(claimed.job.request)
    with town.database.begin() as session:
        session.add(SpeedRow(model="starter", device="cpu", seconds_per_work=seconds_per_work, jobs=9))
    town.worker.progress(claimed, 2)
    await town.until(seen, "2/20 · 54 s left")
    await town.slash("queue")
    await town.until_told("a red fox: 🎨", "2/20 · 54 s left")
    await town.slash("why")
    await town.until_told("a red fox", "2/20 · 54 s left")


async def test_queue_of_whoever_has_many_jobs_shows_as_many_as_fit(town: Town) -> None:
    for number in range(STANDARD.jobs):
        await town.imagine(f"{number:02} " + "*" * 100)
    await town.slash("queue")
    told = await town.until_told("20** waiting")
    shown = told.content.count("Number") + 1
    assert len(told.content) <= 2000 and 5 < shown < STANDARD.jobs
    assert told.content.endswith(f"… and {STANDARD.jobs - shown} more")


def _options(command: dict[str, Any]) -> list[dict[str, Any]]:
    return command.get("options", [])


async def test_every_command_keeps_discords_limits(town: Town) -> None:
    commands = await town.members.commands("ana", "studio")
    names = [command["name"] for command in commands]
    assert len(set(names)) == len(names)
    for command in commands:
        options = _options(command)
        if command["type"] == 3:
            assert 1 <= len(command["name"]) <= 32 and options == []
            continue
        assert re.fullmatch(r"[-_a-z0-9]{1,32}", command["name"])
        assert 1 <= len(command["description"]) <= 100
        assert len(options) <= 8 and len({option["name"] for option in options}) == len(options)
        for option in options:
            assert re.fullmatch(r"[-_a-z0-9]{1,32}", option["name"])
            assert 1 <= len(option["description"]) <= 100 and len(option.get("choices", [])) <= 25
        total = sum(len(part["name"]) + len(part["description"]) for part in [command, *options])
        assert total <= 8000


async def test_button_ids_do_not_clash_and_fit(bot: Atelier) -> None:
    from bot.buttons import BUTTONS
    from bot.picture_buttons import PICTURE_BUTTONS
    from bot.tools import PictureMenu, Tools

    samples = [button("0123456789").custom_id for button in (*BUTTONS, Tools)]
    samples += [button("0123456789", 24).custom_id for button in PICTURE_BUTTONS]
    samples.append(PictureMenu("0123456789").custom_id)
    for sample in samples:
        assert len(sample) <= 100
        patterns = [
            pattern for pattern in bot._connection._view_store._dynamic_items if pattern.fullmatch(sample)
        ]
        assert len(patterns) == 1, f"{sample} must reach one button"
