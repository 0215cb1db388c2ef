"""`/history`, `/tree` and `/compare` through Discord."""

from __future__ import annotations

import pytest

from actions.history import MAX_SEARCH_CHARACTERS, MODEL_CHARACTERS, PAGE_SIZE, Wanted
from bot.client import Atelier
from bot.cogs.history import TurnPage
from db.history import Cursor
from sandbox.seen import SeenMessage
from tests.bot.studio import Town

pytestmark = pytest.mark.usefixtures("bot")


async def made(town: Town, prompt: str, **options: object) -> SeenMessage:
    """A delivered result of ana's."""
    seen = await town.imagine(prompt, **options)
    town.worker.make()
    return await town.result(seen)


async def test_pages_of_a_search_are_turned_after_a_restart(town: Town, bot: Atelier) -> None:
    for number in range(PAGE_SIZE + 2):
        await town.imagine(f"a red fox, number {number}")
        await town.imagine("a bear")
        for _ in range(2):
            town.worker.make()
    await town.slash("history", search="RED fox")
    page = await town.until_told("Your pictures · RED fox", "number 9", "number 2")
    assert "bear" not in page.text and "number 1\n" not in page.text
    await bot.close()
    async with town.bot():
        await town.members.settled(await town.members.press("ana", page.id, "Older"))
        older = await town.until_told("number 1", "number 0")
        assert older.id == page.id and "number 2" not in older.text
        await town.members.settled(await town.members.press("ana", page.id, "Newest"))
        await town.until_told("number 9")
        job = town.jobs()[-2]
        await town.members.settled(await town.members.select("ana", page.id, "Open one", [job.id]))
        shown = await town.until_told(job.id, "Seed")
        assert len(shown.attachments) == 1


async def test_filters_and_favourites(town: Town) -> None:
    message = await made(town, "a red fox")
    await town.slash("history", model="star")
    await town.until_told("Your pictures · star", "a red fox")
    choices = await town.members.choices("ana", "studio", "history", "model", "STA")
    assert [choice["value"] for choice in choices] == ["starter"]
    await town.slash("history", model="nothing")
    await town.until_told("you have drawn with these: starter")
    await town.slash("history", "ben", favourites=True)
    await town.until_told("Your favourites", "Nothing like that", member="ben")
    await town.press(message, "favourite", "ben")
    await town.slash("history", "ben", favourites=True)
    await town.until_told("Your favourites", "a red fox", member="ben")


async def test_a_tree_names_what_changed(town: Town) -> None:
    message = await made(town, "a red fox", seed=5)
    root = town.only_job()
    again = await town.press(message, "rerun", "ben")
    town.worker.make()
    result = await town.result(again, member="ben")
    await town.press(result, "seed")
    leaf = town.jobs()[-1]
    await town.slash("tree", id=leaf.id)
    told = await town.until_told(f"Family of {leaf.id}")
    lines = told.embeds[0]["description"].splitlines()
    assert root.id in lines[0] and "a red fox" in lines[0]
    assert "the same again" in lines[1] and f"<@{town.jobs()[1].member_id}>" in lines[1]
    assert f"**`{leaf.id}`**" in lines[2] and "Seed" in lines[2]
    await town.slash("tree", "ben", id="NOSUCHJOB1")
    await town.until_told("no such picture", member="ben")


async def test_a_tree_says_how_many_more_there_are_below_those_that_are_shown(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actions.tree.MOST_CHILDREN", 1)
    message = await made(town, "a red fox")
    root = town.only_job()
    for _number in range(2):
        await town.press(message, "seed")
    town.worker.make()
    await town.slash("tree", id=root.id)
    lines = (await town.until_told(f"Family of {root.id}")).embeds[0]["description"].splitlines()
    assert len(lines) == 3 and "Seed" in lines[1] and lines[2].endswith("└ … and 1 more")


async def test_two_pictures_are_compared(town: Town) -> None:
    await made(town, "a red fox", seed=5)
    await made(town, "a blue *fox*", seed=6)
    first, second = town.jobs()
    await town.slash("compare", "ben", first=first.id, second=second.id)
    told = await town.until_told(r"**Prompt**: a red fox → a blue \*fox\*", "**Seed**: 5 → 6", member="ben")
    (picture,) = told.attachments
    assert (picture["width"], picture["height"]) == (64 + 12 + 64, 64)
    assert picture["description"] == "Left: a red fox; right: a blue *fox*"
    await town.slash("compare", "ben", first=first.id, second=f"{second.id} 2")
    await town.until_told("not there", member="ben")


def test_the_longest_search_fits_a_buttons_id() -> None:
    wanted = Wanted(search="x" * MAX_SEARCH_CHARACTERS, model="m" * MODEL_CHARACTERS, favourites=True)
    cursor = Cursor(1_763_712_000.123456, "7ZK3A0QF2M")
    button = TurnPage(wanted, cursor)
    assert len(button.custom_id) <= 100
    match = button.template.fullmatch(button.custom_id)
    assert match is not None
    read = TurnPage.read(match)
    assert (read.wanted, read.after) == (wanted, cursor)
