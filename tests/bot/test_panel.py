"""The *Advanced* panel: prefilled, changed by menus and a modal, and then a job."""

from __future__ import annotations

import pytest

from core.samplers import SAMPLERS
from sandbox.faults import Fault, FaultKind
from sandbox.seen import SeenMessage
from tests.bot.studio import Town
from tests.bot.worker import SPEC

pytestmark = pytest.mark.usefixtures("bot")


async def opened(town: Town) -> SeenMessage:
    await town.imagine("a red fox", advanced=True)
    return await town.told()


def menu(panel: SeenMessage, number: int) -> list[str]:
    return [option["value"] for option in panel.components[number]["components"][0]["options"]]


async def numbers(town: Town, panel: SeenMessage, **values: str) -> None:
    asked = await town.members.press("ana", panel.id, "Steps and guidance…")
    await town.members.settled(asked)
    labels = {
        "steps": f"Steps (1 to {SPEC.max_steps})",
        "guidance": "Guidance (1 to 30)",
        "clip_skip": "Clip skip (1: none; often 2 for anime models)",
    }
    filled = {labels[name]: value for name, value in values.items()}
    await town.members.settled(await town.members.submit("ana", asked, filled))


async def test_the_panel_opens_privately_with_the_models_defaults(town: Town) -> None:
    panel = await opened(town)
    assert "20 steps" in panel.content and "guidance 5" in panel.content
    assert "DDIM" in menu(panel, 0) and menu(panel, 1) == list(SAMPLERS["Euler"].schedules)
    assert town.jobs() == [] and await town.all_messages("ben") == []


async def test_what_is_chosen_becomes_the_job(town: Town) -> None:
    panel = await opened(town)
    members = town.members
    await members.settled(await members.select("ana", panel.id, "Schedule", ["karras"]))
    await numbers(town, panel, steps="30", guidance="7,5")
    await town.until_told("30 steps")
    made = await members.settled(await members.press("ana", panel.id, "Make it"))
    denoise = town.only_job().request.denoise
    assert (denoise.steps, denoise.guidance_scale, denoise.schedule) == (30, 7.5, "karras")
    town.worker.make()
    await town.result(made, member="ben")
    assert [message.id for message in await town.all_messages()] == [made.message_id], "the panel is gone"


async def test_clip_skip_is_shown_and_becomes_the_jobs(town: Town) -> None:
    panel = await opened(town)
    await numbers(town, panel, clip_skip="2")
    await town.until_told("clip skip 2")
    await town.members.settled(await town.members.press("ana", panel.id, "Make it"))
    assert town.only_job().request.text.clip_skip == 2


async def test_a_sampler_brings_its_own_schedules(town: Town) -> None:
    panel = await opened(town)
    members = town.members
    await members.settled(await members.select("ana", panel.id, "Schedule", ["karras"]))
    await members.settled(await members.select("ana", panel.id, "Sampler", ["DDIM"]))
    assert menu(await town.told(), 1) == list(SAMPLERS["DDIM"].schedules)
    await members.settled(await members.press("ana", panel.id, "Make it"))
    assert town.only_job().request.denoise.schedule == "normal"


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"steps": "1e9"}, "**steps** can't be `1e9`"),
        ({"guidance": "nan"}, "**guidance** can't be `nan`"),
        ({"clip_skip": "0"}, "**clip skip** can't be `0`"),
    ],
)
async def test_numbers_that_will_not_do_are_refused_and_the_panel_stays(
    town: Town, values: dict[str, str], told: str
) -> None:
    panel = await opened(town)
    await numbers(town, panel, **values)
    assert told in (await town.told()).content
    await town.members.settled(await town.members.press("ana", panel.id, "Make it"))
    assert town.only_job().request.denoise.steps == SPEC.default_steps


async def test_a_double_press_makes_and_charges_one_job(town: Town) -> None:
    panel = await opened(town)
    callback = "/interactions/{interaction_id}/{interaction_token}/callback"
    await town.members.fault(Fault(kind=FaultKind.DELAY_BEFORE, method="POST", route=callback, seconds=1))
    first, second = [await town.members.press("ana", panel.id, "Make it") for _ in range(2)]
    for press in (second, first):
        await town.members.settled(press)
    assert len(town.jobs()) == 1 and town.spent() == 1


async def test_after_a_refusal_the_panel_can_be_used_again(town: Town) -> None:
    await town.imagine("affordable")
    account = town.only_job().account_id
    panel = await opened(town)
    town.leave_credits(account, 0)
    await town.members.settled(await town.members.press("ana", panel.id, "Make it"))
    await town.until_told("This costs")
    town.leave_credits(account, 5)
    await town.members.settled(await town.members.press("ana", panel.id, "Make it"))
    assert len(town.jobs()) == 2


async def test_only_i_see_it_keeps_the_picture_private(town: Town) -> None:
    panel = await opened(town)
    await town.members.settled(await town.members.press("ana", panel.id, "Only I see it: no"))
    made = await town.members.settled(await town.members.press("ana", panel.id, "Make it"))
    town.worker.make()
    result = await town.result(made)
    assert result.ephemeral and town.only_job().ephemeral
    assert await town.all_messages("ben") == []


@pytest.mark.parametrize(
    ("options", "refused"),
    [({"prompt": "a fox", "model": "C:\\x"}, "model"), ({"prompt": "a fox --steps 0"}, "steps"),
     ({"prompt": "a fox", "size": "513"}, "size"), ({"prompt": "\u200b"}, "prompt")],
)  # fmt: skip
async def test_what_can_never_be_made_opens_no_panel(
    town: Town, options: dict[str, str], refused: str
) -> None:
    await town.slash("imagine", advanced=True, **options)
    told = await town.told()
    assert f"**{refused}** can't be" in told.content and told.components == []


async def test_steps_of_a_flag_fill_the_panel_which_may_change_them(town: Town) -> None:
    for steps, changed in (("30", None), ("30", "40")):
        await town.imagine(f"a fox --steps {steps} --seed 5", advanced=True)
        panel = await town.until_told(f"{steps} steps")
        if changed:
            await numbers(town, panel, steps=changed)
        made = await town.members.settled(await town.members.press("ana", panel.id, "Make it"))
        town.worker.make()
        await town.result(made)
    assert [job.request.denoise.steps for job in town.jobs()] == [30, 40]
    assert {job.request.seed for job in town.jobs()} == {5}
