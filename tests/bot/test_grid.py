"""`/grid`: one job, one picture of all its cells, each of which can become a job of its own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.addon_spec import AddonKind, AddonSpec
from core.grid import image_request
from db.addons import register_addons
from db.workers import WorkerInfo, register_worker
from tests.bot.studio import Town
from tests.bot.test_given_pictures import RED, attach
from tests.bot.worker import SPEC

LORA = AddonSpec(kind=AddonKind.LORA, name="ink", title="Ink", architecture="sd1")

pytestmark = pytest.mark.usefixtures("bot")


async def test_a_grid_is_one_job_whose_cells_can_be_promoted(town: Town) -> None:
    seen = await town.slash("grid", prompt="a red fox", x="steps 10, 20, 30", y="words red, blue", seed=5)
    job = town.only_job()
    assert (job.image_count, job.total_steps, town.spent()) == (6, 120, 6)
    town.worker.make()
    result = await town.result(seen)
    assert [file["filename"].partition("-")[2] for file in result.attachments] == ["grid.webp"]
    assert result.attachments[0]["description"].startswith("A grid of words red, blue by steps 10, 20, 30")
    menu = result.components[1]["components"][0]
    assert [option["label"] for option in menu["options"]][4] == "words blue · steps 20"

    await town.members.settled(await town.members.select("ana", result.id, "Choose a picture", ["4"]))
    tools = await town.until_told("What next with words blue")
    own = await town.members.settled(await town.members.press("ana", tools.id, "On its own"))
    cell = town.jobs()[1]
    assert cell.request == image_request(job.request, 4)
    assert (cell.request.text.prompt, cell.request.denoise.steps) == ("a blue fox", 20)
    assert (cell.request.typed_prompt, cell.replay_of, cell.replay_first) == ("a blue fox", job.id, 4)
    town.worker.make()
    await town.result(own)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"x": "steps"}, "write a name and its values"),
        ({"x": "colour red, blue"}, "**x** can't be `colour`"),
        ({"x": "steps 10, 1e9"}, "**steps** can't be `1e9`"),
        ({"x": "steps 10", "y": "steps 20"}, "x varies that already"),
        ({"x": "steps 1,2,3,4,5,6"}, "up to 5 fit"),
        ({"x": "guidance nan, 2"}, "**guidance** can't be `nan`"),
        ({"x": "sampler Euler, Nonsense"}, "**sampler** can't be `Nonsense`"),
        ({"x": "schedule karras", "y": "sampler Euler, Euler a"}, "**schedule** can't be `karras`"),
        ({"x": "words cat, dog"}, "begin with words that the prompt holds"),
        ({"x": "words fox, nude child"}, "prompt"),
        ({"x": "strength 0.1, 0.5"}, "needs a picture"),
    ],
)
async def test_grids_that_will_not_do_are_refused(town: Town, options: dict[str, str], told: str) -> None:
    await town.slash("grid", prompt="a fox", **options)
    assert told in (await town.told()).content
    assert town.jobs() == [] and town.spent() == 0


async def test_models_and_styles_are_compared_from_a_picture(town: Town) -> None:
    other = replace(SPEC, name="other", title="A first one", default_steps=4)
    with town.database.begin() as session:
        info = WorkerInfo(id="w", host="h", device="cpu")
        register_worker(session, info, [SPEC, other, replace(other, name="large", architecture="sdxl")])
        register_addons(session, "w", [LORA, replace(LORA, name="bare", trigger_words=("nude child",))])
    image = await attach(town, RED)
    await town.slash(
        "grid", prompt="a fox", x="model starter, other", y="style none, photo", image=image, seed=5
    )
    job = town.only_job()
    drawn = [image_request(job.request, index) for index in range(job.image_count)]
    assert [(cell.model, cell.style) for cell in drawn] == [
        ("starter", None), ("other", None), ("starter", "photo"), ("other", "photo"),
    ]  # fmt: skip
    assert {cell.denoise.steps for cell in drawn} == {SPEC.default_steps} and job.request.images
    await town.slash("grid", prompt="a fox <lora:ink>", x="model starter, large")
    await town.until_told("**LoRA** can't be `ink`")
    await town.slash("grid", prompt="a fox", x="lora ink 0, 1, chalk 1", model="starter")
    await town.until_told("**LoRA** can't be `chalk`", "choose one of bare, ink")
    await town.slash("grid", prompt="a fox", x="lora bare 0, 1", model="starter")
    await town.until_told("makes no sexual pictures")
    await town.slash("grid", prompt="a fox", x="vae none, chalk", model="starter")
    await town.until_told("**VAE** can't be `chalk`")
    assert len(town.jobs()) == 1


async def test_axes_are_offered_while_typing(town: Town) -> None:
    offered = await town.members.choices("ana", "studio", "grid", "x", "ste", {"prompt": "x"})
    assert [choice["value"] for choice in offered] == ["steps 10, 20, 30"]
    typed = "guidance 3, 5"
    offered = await town.members.choices("ana", "studio", "grid", "x", typed, {"prompt": "x"})
    assert offered[0]["value"] == typed


async def test_models_loras_and_styles_are_listed(town: Town) -> None:
    await town.slash("models")
    await town.until_told("Starter", "64×64, up to 128")
    await town.slash("loras")
    await town.until_told("There are none yet")
    await town.slash("styles")
    await town.until_told("watercolor painting of")
