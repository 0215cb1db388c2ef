"""`__name__` in a prompt draws from the owner's files, and the order keeps what it drew from."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.prompt.wildcard_files import WildcardFiles
from tests.bot.studio import Town


async def test_a_line_is_drawn_and_drawn_again_though_the_file_changed(town: Town, tmp_path: Path) -> None:
    folder = tmp_path / "wildcards"
    folder.mkdir()
    (folder / "animal.txt").write_text("fox\nowl\n# a remark\n")
    async with town.bot(wildcards=WildcardFiles(folder)):
        seen = await town.imagine("a red __animal__", seed=3, count=2)
        text = town.only_job().request.text
        assert "fox" in text.prompt and "owl" in text.prompt and "__" not in text.prompt
        town.worker.make()
        result = await town.result(seen, pictures=3)
        await town.press(result, "info")
        info = await town.until_told("Choices drawn")
        drawn = next(field["value"] for field in info.embeds[0]["fields"] if field["name"] == "Choices drawn")
        assert [line in ("a red fox", "a red owl") for line in drawn.splitlines()] == [True, True]
        (folder / "animal.txt").write_text("boat\n")
        await town.press(result, "rerun")
        assert town.jobs()[1].request == town.jobs()[0].request
        await town.imagine("a red __house__")
        told = await town.until_told("house")
        assert "animal" in told.text
        assert len(town.jobs()) == 2


@pytest.mark.usefixtures("bot")
async def test_where_there_are_no_files_a_wildcard_is_said_to_be_text(town: Town) -> None:
    seen = await town.imagine("a __colour__ fox")
    await town.until(seen, "`__colour__` counts as text")
    town.worker.make()
    result = await town.result(seen)
    await town.press(result, "info")
    assert "Choices drawn" not in (await town.until_told("Seed")).text
