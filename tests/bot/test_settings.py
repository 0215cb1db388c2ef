"""`/settings` through Discord: whose default is heeded, what is refused, and what is fallen back from."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from actions.person import Person
from actions.settings import prefers_private
from actions.studio import Studio
from bot.answering import PRIVATE_S
from db.workers import WorkerInfo, register_worker
from tests.bot.studio import Town
from tests.bot.worker import SPEC

pytestmark = pytest.mark.usefixtures("bot")


async def use(town: Town, name: str, by: str = "ana", **options: object) -> None:
    await town.members.settled(await town.members.slash(by, "studio", f"settings {name}", options))


async def test_member_beats_channel_beats_server(town: Town) -> None:
    await use(town, "server", "maya", setting="steps", value="11")
    await use(town, "server", "maya", setting="guidance", value="3,5")
    await use(town, "channel", "maya", setting="steps", value="12")
    await use(town, "me", setting="steps", value="13")
    await town.imagine("a fox")
    await town.imagine("a fox", "ben")
    anas, bens = town.jobs()
    assert (anas.request.denoise.steps, anas.request.denoise.guidance_scale) == (13, 3.5)
    assert (bens.request.denoise.steps, bens.request.denoise.guidance_scale) == (12, 3.5)
    await use(town, "me")
    await town.until_told("**steps** 13 (yours)", "**guidance** 3\\.5 (this server's)")


async def test_what_is_typed_beats_every_default(town: Town) -> None:
    for setting, value in {"steps": "13", "size": "3:2", "count": "3", "style": "Anime"}.items():
        await use(town, "me", setting=setting, value=value)
    await town.imagine("a fox --steps 7 --ar 1:1", count=2, style="pixel art")
    request = town.only_job().request
    assert (request.denoise.steps, request.size, request.count) == (7, (64, 64), 2)
    assert request.style == "pixel art"


async def test_what_is_left_out_is_filled_in(town: Town) -> None:
    chosen = {"size": "96x64", "count": "2", "style": "anime", "sampler": "ddim", "model": "starter"}
    for setting, value in chosen.items():
        await use(town, "me", setting=setting, value=value)
    await town.imagine("a fox")
    request = town.only_job().request
    assert (request.size, request.count, request.style) == ((96, 64), 2, "anime")
    assert request.denoise.sampler == "DDIM"


async def test_what_may_be_private_stays_so_where_the_database_is_slow(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    await use(town, "me", setting="private", value="yes")
    monkeypatch.setattr("bot.answering.prefers_private", _slowly(prefers_private))
    seen = await town.imagine("my secret")
    assert town.only_job().ephemeral
    assert seen.message_id not in [message.id for message in await town.all_messages("ben")]


def _slowly(ask: Callable[..., bool]) -> Callable[..., bool]:
    def asked(studio: Studio, person: Person, *, like: str | None = None) -> bool:
        time.sleep(PRIVATE_S + 0.2)
        return ask(studio, person, like=like)

    return asked


async def test_private_by_default_unless_the_panel_says_otherwise(town: Town) -> None:
    await use(town, "me", setting="private", value="yes")
    await town.imagine("a fox")
    assert town.only_job().ephemeral
    panel = await town.imagine("another fox", advanced=True)
    message = await town.until_told("only you will see it")
    assert panel.message_id == message.id
    buttons = {button["label"]: button["custom_id"] for button in message.buttons}
    await town.members.press("ana", message.id, buttons["Only I see it: yes"])
    message = await town.until_told("it will be posted here")
    buttons = {button["label"]: button["custom_id"] for button in message.buttons}
    await town.members.settled(await town.members.press("ana", message.id, buttons["Make it"]))
    assert [job.ephemeral for job in town.jobs()] == [True, False]


async def test_a_default_that_is_gone_is_passed_over_with_a_note(town: Town) -> None:
    await use(town, "me", setting="model", value="starter")
    other = replace(SPEC, name="other", title="Other")
    with town.database.begin() as session:
        register_worker(session, WorkerInfo(id="w", host="h", device="cpu"), [other])
    await town.imagine("a fox")
    await town.until_told("default model `starter` can't be used")
    assert town.only_job().request.model == "other"


async def test_values_are_checked_and_refused_in_words(town: Town) -> None:
    refused = {
        ("steps", "0"): "whole number from 1",
        ("model", "none"): "choose one of starter",
        ("size", "5000x5000"): "sides of 32 to 128",
        ("language", "xx"): "Deutsch, ",
        ("private", "perhaps"): "say `yes` or `no`",
    }
    for (setting, value), words in refused.items():
        await use(town, "me", setting=setting, value=value)
        await town.until_told(words)
    await use(town, "me", value="5")
    await town.until_told("what it is for")
    await use(town, "me", setting="steps", value="5", reset=True)
    await town.until_told("not both")
    await use(town, "me", reset=True)
    await town.until_told("Nothing is set there")


async def test_only_managers_set_what_holds_for_others(town: Town) -> None:
    for level in ("channel", "server"):
        await use(town, level, "ben", setting="steps", value="11")
        await town.until_told("may manage this server", member="ben")
        await use(town, level, "maya", setting="steps", value="11")
        await town.until_told("**steps** 11", member="maya")
        await use(town, level, "ben", reset=True)
        await town.until_told("may manage this server", member="ben")
        await use(town, level, "maya", setting="steps", reset=True)
        await town.until_told("Nothing is set here", member="maya")
    await town.slash("audit", "maya", words="settings")
    await town.until_told("settings.set", "settings.reset", member="maya")


async def test_a_language_is_spoken_as_soon_as_it_is_set(town: Town) -> None:
    await use(town, "me", setting="language", value="de")
    await town.imagine("--seed 5")
    await town.until_told("**beschreibung** kann nicht")
    await use(town, "server", "maya", setting="language", value="deutsch")
    seen = await town.imagine("a fox", "ben")
    assert "Als Nächstes dran" in (await town.message(seen)).text
    await use(town, "me", setting="language", reset=True)
    await town.imagine("--seed 5")
    await town.until_told("**prompt** can't be")


async def test_values_are_offered_for_each_setting(town: Town) -> None:
    async def offered(setting: str, typed: str = "") -> list[str]:
        chosen = {"setting": setting}
        choices = await town.members.choices("ana", "studio", "settings me", "value", typed, chosen)
        return [choice["name"] for choice in choices]

    assert await offered("language", "deu") == ["Deutsch"]
    assert await offered("model") == ["Starter"]
    assert "16:9 (wide)" in await offered("size")
    assert await offered("private") == ["yes", "no"]
    await town.slash("style add", "maya", name="Pencil", prompt="pencil sketch of {prompt}")
    assert await offered("style", "pe") == ["Pencil"] and "photo" in await offered("style")
    assert await offered("steps") == []
