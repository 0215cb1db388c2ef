"""Styles: those that ship, and a server's own."""

from __future__ import annotations

import pytest

from tests.bot.studio import Town

pytestmark = pytest.mark.usefixtures("bot")

PENCIL = {"name": "Pencil", "prompt": "pencil sketch of {prompt}, fine lines", "negative": "photo"}


async def choices(town: Town, typed: str) -> list[str]:
    offered = await town.members.choices("ana", "studio", "imagine", "style", typed, {"prompt": "a fox"})
    return [choice["value"] for choice in offered]


async def test_a_server_adds_a_style_and_its_members_draw_in_it(town: Town) -> None:
    await town.slash("style add", "ben", **PENCIL)
    await town.until_told("may manage this server", member="ben")
    await town.slash("style add", "maya", **PENCIL)
    await town.until_told("**Pencil** is here", member="maya")
    await town.slash("styles")
    await town.until_told("pencil sketch of", "watercolor")
    assert await choices(town, "pen") == ["Pencil"]
    seen = await town.imagine("a red fox", style="pencil", negative="snow")
    text = town.only_job().request.text
    assert text.prompt == "pencil sketch of a red fox, fine lines"
    assert text.negative_prompt == "snow, photo"
    town.worker.make()
    result = await town.result(seen)
    pressed = await town.press(result, "remix")
    assert pressed.modal is not None
    await town.members.submit("ana", pressed.id, {"Prompt": "a blue boat"})
    await town.members.wait_until(lambda: second(town))
    remixed = town.jobs()[1].request
    assert remixed.text.prompt == "pencil sketch of a blue boat, fine lines"
    assert (remixed.style, remixed.text.negative_prompt) == ("Pencil", "snow, photo")


async def second(town: Town) -> bool | None:
    return len(town.jobs()) == 2 or None


async def test_a_style_of_one_server_is_not_another_servers(town: Town) -> None:
    await town.slash("style add", "maya", **PENCIL)
    guild = await town.members.add_guild("Elsewhere", owner="olive")
    channel = await town.members.add_channel("pictures", guild=str(guild))
    await town.members.slash("olive", channel, "imagine", {"prompt": "a fox", "style": "pencil"})
    await town.members.wait_for(channel, lambda message: "**style** can't be" in message.text)
    assert town.jobs() == []


async def test_what_is_gone_or_will_not_do(town: Town) -> None:
    await town.slash("style add", "maya", name="Twice", prompt="{prompt} and {prompt}")
    await town.until_told("what goes around the prompt", member="maya")
    await town.slash("style add", "maya", name="Bad", prompt="nude child {prompt}")
    await town.until_told("minors", member="maya")
    await town.slash("style add", "maya", name="Plain", prompt="in plain colors")
    await town.until_told("in plain colors", "**Plain** is here", member="maya")
    await town.slash("style remove", "maya", name="PLAIN")
    await town.until_told("is gone", member="maya")
    await town.slash("style remove", "maya", name="PLAIN")
    await town.until_told("no style of its own", member="maya")
    await town.imagine(style="Plain")
    await town.until_told("**style** can't be")
    assert town.jobs() == []
