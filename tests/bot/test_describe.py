"""`/describe`: a captioner's words, beside what the picture's file says."""

from __future__ import annotations

import pytest

from core.addon_spec import AddonKind, AddonSpec
from core.stages import Caption, LoadImage
from db.addons import register_addons
from tests.bot.studio import Town
from tests.bot.test_given_pictures import RED, attach
from tests.core.test_pictures import encoded

pytestmark = pytest.mark.usefixtures("bot")

BLIP = AddonSpec(kind=AddonKind.CAPTIONER, name="blip", title="BLIP")


@pytest.fixture(autouse=True)
def _captioner(town: Town) -> None:
    with town.database.begin() as session:
        register_addons(session, "w", [BLIP])


async def test_it_says_what_a_picture_shows(town: Town) -> None:
    await town.slash("describe", image=await attach(town, RED))
    await town.until_told("Next in line")
    job = town.only_job()
    load, caption = job.request.stages
    assert isinstance(load, LoadImage)
    assert caption == Caption(captioner="blip")
    assert (job.price, job.ephemeral) == (1, True)
    town.worker.make(caption="a *red* square")
    said = await town.until_told("💬 a")
    assert "\\*red\\*" in said.text


async def test_what_the_file_tells_is_read_for_nothing(town: Town) -> None:
    from PIL import PngImagePlugin

    told = PngImagePlugin.PngInfo()
    told.add_text("parameters", "a fox\nSteps: 20, Sampler: Euler, Seed: 5")
    await town.slash("describe", image=await attach(town, encoded(RED, pnginfo=told)))
    await town.until_told("a fox", "Settings", "Sampler: Euler")
    assert town.jobs() == []


async def test_what_is_no_picture_makes_no_job(town: Town) -> None:
    await town.slash("describe", image=await attach(town, b"<html>", "page.png"))
    await town.until_told("no picture that can be read")
    assert town.jobs() == []
