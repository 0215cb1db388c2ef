"""✏️: a form with the words, and then a picture in other words."""

from __future__ import annotations

import pytest

from core.styles import STYLES
from sandbox.seen import SeenInteraction
from tests.bot.studio import Town

pytestmark = pytest.mark.usefixtures("bot")


async def opened(town: Town, member: str = "ana", **options: object) -> SeenInteraction:
    """The form of a delivered picture of ana's."""
    seen = await town.imagine(**options)
    town.worker.make()
    form = await town.press(await town.result(seen), "remix", member)
    assert form.modal is not None
    return form


def shown(form: SeenInteraction) -> dict[str, str]:
    assert form.modal is not None
    fields = [part for row in form.modal["components"] for part in row["components"]]
    return {field["label"]: field.get("value") or "" for field in fields}


async def test_other_words_keep_seed_and_settings(town: Town) -> None:
    form = await opened(town, prompt="a red fox --steps 7", seed=5, style="photo", negative="snow")
    assert shown(form) == {"Prompt": "a red fox", "Leave out": "snow"}
    sent = await town.members.submit("ana", form.id, {"Prompt": "a blue fox"})
    seen = await town.members.settled(sent)
    town.worker.make()
    assert "a blue fox" in (await town.result(seen)).content
    first, second = town.jobs()
    assert (second.parent_id, second.replay_of, second.request.seed) == (first.id, None, 5)
    assert second.request.denoise == first.request.denoise
    assert second.request.text.prompt == STYLES["photo"].prompt.replace("{prompt}", "a blue fox")
    assert second.request.text.negative_prompt == first.request.text.negative_prompt


async def test_flags_typed_in_the_form_count(town: Town) -> None:
    form = await opened(town, member="ben")
    await town.members.settled(
        await town.members.submit("ben", form.id, {"Prompt": "a blue fox --seed 9 --steps 30 --no ice"})
    )
    first, second = town.jobs()
    assert (second.request.seed, second.request.denoise.steps) == (9, 30)
    assert second.request.text.negative_prompt == "ice"
    assert second.member_id != first.member_id, "who sends pays"


async def test_a_prompt_longer_than_a_field_comes_in_two(town: Town) -> None:
    prompt = "a fox " + "and a hare " * 400
    form = await opened(town, prompt=prompt.strip())
    assert list(shown(form)) == ["Prompt", "Prompt, continued", "Leave out"]
    await town.members.settled(await town.members.submit("ana", form.id))
    first, second = town.jobs()
    assert second.request == first.request


@pytest.mark.parametrize(
    ("prompt", "told"),
    [("\u200b", "**prompt** can't be"), ("a fox --ar 2:1", "**--ar** can't be `2:1`"),
     ("a fox --steps 1e9", "**steps** can't be `1e9`"), ("a nude child", "prompt")],
)  # fmt: skip
async def test_words_that_will_not_do_are_refused(town: Town, prompt: str, told: str) -> None:
    form = await opened(town)
    await town.members.settled(await town.members.submit("ana", form.id, {"Prompt": prompt}))
    assert told in (await town.told()).content
    assert len(town.jobs()) == 1 and town.spent() == 1
