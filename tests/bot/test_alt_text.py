"""Every picture is described for those who can't see it, in the language of its message."""

from __future__ import annotations

import pytest

from tests.bot.studio import Town

pytestmark = pytest.mark.usefixtures("bot")


async def test_pictures_previews_and_grids_are_described(town: Town) -> None:
    seen = await town.imagine("a red fox", count=2)
    claimed = town.worker.claim()
    town.worker.progress(claimed, 10, preview=True)
    preview = await town.until(seen, pictures=1)
    assert preview.attachments[0]["description"] == "Preview at step 10 of 40"
    town.worker.finish(claimed)
    shown = await town.result(seen, pictures=3)
    assert [attachment["description"] for attachment in shown.attachments] == [
        "All 2 pictures side by side: a red fox",
        "Picture 1 of 2: a red fox",
        "Picture 2 of 2: a red fox",
    ]


async def test_a_long_prompt_is_cut_and_becomes_one_line(town: Town) -> None:
    seen = await town.imagine("a fox\n\nin  the snow, " + "very " * 400)
    town.worker.make()
    (described,) = [attachment["description"] for attachment in (await town.result(seen)).attachments]
    assert described.startswith("Picture 1 of 1: a fox in the snow, very")
    assert described.endswith("…") and len(described) <= 1024


async def test_a_picture_is_described_in_its_message_s_language(town: Town) -> None:
    await town.members.set_guild_locale("de")
    seen = await town.imagine("a red fox")
    town.worker.make()
    (picture,) = (await town.result(seen)).attachments
    assert picture["description"] == "Bild 1 von 1: a red fox"
