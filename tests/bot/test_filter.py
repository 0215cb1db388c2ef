"""`/filter` through Discord: lists typed and attached, what they stop, and who may not."""

from __future__ import annotations

import pytest

from tests.bot.studio import Town

pytestmark = pytest.mark.usefixtures("bot")


async def test_moderators_keep_lists_that_hold_at_every_door(town: Town) -> None:
    first = await town.imagine("a grey wolf")
    town.worker.make()
    result = await town.result(first)
    file = await town.members.upload("studio", "list.txt", b"wolf\nred fox\n")
    await town.slash("filter words", "maya", effect="deny", words="bear", file=str(file))
    await town.until_told("Added 3 to deny", member="maya")
    await town.slash("filter pattern", "maya", effect="allow", pattern="bear(ded|skin)? man")
    await town.until_told("Added 1 to allow", member="maya")
    await town.imagine("a w0lf")
    await town.until_told("can't say `wolf`")
    await town.press(result, "rerun")
    await town.press(result, "seed", "ben")
    await town.until_told("can't say `wolf`", member="ben")
    form = await town.press(result, "remix")
    await town.members.settled(await town.members.submit("ana", form.id, {"Prompt": "a (red) fox"}))
    await town.until_told("can't say `red fox`")
    assert len(town.jobs()) == 1 and town.spent() == 1
    await town.imagine("a bearded man, a bear man")
    await town.slash("filter remove", "maya", text="wolf")
    await town.until_told("Removed 1", member="maya")
    await town.press(result, "rerun")
    assert len(town.jobs()) == 3
    await town.slash("filter list", "maya")
    shown = await town.until_told("3 on the lists", member="maya")
    lines = (await town.members.download(shown.attachments[0])).decode().splitlines()
    assert lines == ["deny\twords\tbear", "deny\twords\tred fox", "allow\tpattern\tbear(ded|skin)? man"]


async def test_what_is_refused(town: Town) -> None:
    await town.slash("filter pattern", "maya", effect="deny", pattern="(?=wolf)")
    await town.until_told("RE2 can't take it", member="maya")
    await town.slash("filter words", "maya", effect="deny")
    await town.until_told("attach a text file", member="maya")
    picture = await town.members.upload("studio", "list.txt", b"\xff\xfe\x00")
    await town.slash("filter words", "maya", effect="deny", file=str(picture))
    await town.until_told("UTF-8", member="maya")
    for command, options in (
        ("filter words", {"effect": "deny", "words": "fox"}),
        ("filter pattern", {"effect": "deny", "pattern": "fox"}),
        ("filter remove", {"text": "fox"}),
        ("filter list", {}),
    ):
        seen = await town.slash(command, "ben", **options)
        answer = await town.members.wait_for(
            "studio",
            lambda message: message.ephemeral and "for moderators" in message.content,
            member="ben",
            interaction=seen.id,
        )
        assert answer.ephemeral
    await town.imagine("a fox")
    assert len(town.jobs()) == 1
