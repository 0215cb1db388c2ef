"""What hardly anybody changes: eta, noise, tiling, hires fix, another VAE, a refiner."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.addon_spec import AddonKind, AddonSpec
from core.request import Request
from core.stages import Denoise, ResizeLatents
from db.addons import register_addons
from db.workers import WorkerInfo, register_worker
from sandbox.seen import SeenMessage
from tests.bot.studio import Town
from tests.bot.worker import SPEC

pytestmark = pytest.mark.usefixtures("bot")


@pytest.fixture(autouse=True)
def _equipped(town: Town) -> None:
    """The worker has a VAE and a refiner besides its model."""
    refiner = replace(SPEC, name="polish", title="A Polish", architecture="sdxl-refiner")
    vae = AddonSpec(kind=AddonKind.VAE, name="crisp", title="Crisp", architecture="sd1")
    with town.database.begin() as session:
        register_worker(session, WorkerInfo(id="w", host="h", device="cpu"), [SPEC, refiner])
        register_addons(session, "w", [vae])


async def opened(town: Town) -> SeenMessage:
    await town.imagine("a red fox", advanced=True)
    return await town.until_told("20 steps")


async def filled(town: Town, panel: SeenMessage, form: str, **values: str) -> None:
    """Open a form of the panel and send it with these values, by the beginning of their labels."""
    asked = await town.members.settled(await town.members.press("ana", panel.id, form))
    assert asked.modal is not None
    labels = [part["label"] for row in asked.modal["components"] for part in row["components"]]
    full = {
        next(label for label in labels if label.startswith(name)): value for name, value in values.items()
    }
    await town.members.settled(await town.members.submit("ana", asked.id, full))


async def made(town: Town, panel: SeenMessage) -> Request:
    """Make it; the request that came of it."""
    seen = await town.members.settled(await town.members.press("ana", panel.id, "Make it"))
    town.worker.make()
    await town.result(seen)
    return town.only_job().request


async def test_eta_noise_vae_and_tiling(town: Town) -> None:
    panel = await opened(town)
    await town.members.settled(await town.members.select("ana", panel.id, "Sampler", ["DDIM"]))
    await filled(town, panel, "Finer…", Eta="0,5", Noise="0.9", VAE="crisp")
    await town.members.settled(await town.members.press("ana", panel.id, "Tiling: no"))
    await town.until_told("eta 0,5")
    request = await made(town, panel)
    denoise = request.denoise
    assert (denoise.eta, denoise.noise_scale, denoise.tiling, request.vae) == (0.5, 0.9, True, "crisp")


async def test_hires_fix_draws_small_first(town: Town) -> None:
    panel = await opened(town)
    await filled(town, panel, "Hires fix…", Enlarge="2", How="0.4")
    _, first, larger, second, _ = (await made(town, panel)).stages
    assert isinstance(first, Denoise) and isinstance(second, Denoise) and isinstance(larger, ResizeLatents)
    assert (first.width, first.strength, larger.width) == (64, None, 128)
    assert (second.width, second.strength) == (128, 0.4)


async def test_a_refiner_takes_over(town: Town) -> None:
    panel = await opened(town)
    await filled(town, panel, "Finer…", **{"Refiner (": "polish", "Refiner from": "0.7"})
    _, first, second, _ = (await made(town, panel)).stages
    assert isinstance(first, Denoise) and isinstance(second, Denoise)
    assert (first.model, first.end, second.model, second.start) == (None, 0.7, "polish", 0.7)


async def test_a_refiner_draws_nothing_by_itself(town: Town) -> None:
    await town.imagine()
    assert town.only_job().request.model == "starter", (
        "it comes second by title, and first of those that draw"
    )
    await town.slash("imagine", prompt="a fox", model="polish")
    assert "**model** can't be `polish`" in (await town.told()).content
    offered = await town.members.choices("ana", "studio", "imagine", "model", "", {"prompt": "x"})
    assert [choice["value"] for choice in offered] == ["starter"]


@pytest.mark.parametrize(
    ("form", "values", "told"),
    [
        ("Hires fix…", {"Enlarge": "3"}, "**hires** can't be `3`"),
        ("Finer…", {"Eta": "nan"}, "**eta** can't be `nan`"),
        ("Finer…", {"Noise": "9"}, "choose a number from 0.5 to 1.5"),
    ],
)
async def test_what_will_not_do_is_refused_and_the_panel_stays(
    town: Town, form: str, values: dict[str, str], told: str
) -> None:
    panel = await opened(town)
    await filled(town, panel, form, **values)
    await town.until_told(told)
    assert (await made(town, panel)).denoise.eta == 0


@pytest.mark.parametrize(
    ("name", "told"), [("VAE", "**VAE** can't be"), ("Refiner (", "**refiner** can't be")]
)
async def test_what_is_not_there_is_refused_with_what_is(town: Town, name: str, told: str) -> None:
    panel = await opened(town)
    await filled(town, panel, "Finer…", **{name: "../../etc/passwd"})
    await town.members.settled(await town.members.press("ana", panel.id, "Make it"))
    refusal = await town.until_told(told)
    assert "choose one of" in refusal.content and town.jobs() == []
