"""The prompt language through the bot: from `/imagine` to the delivered picture."""

from __future__ import annotations

import pytest

from core.addon_spec import AddonKind, AddonSpec
from core.prompt.limits import MAX_WEIGHT
from core.prompt.spoken import spoken
from core.request import Adapter
from db.addons import register_addons
from tests.bot.studio import Town

pytestmark = pytest.mark.usefixtures("bot")


async def test_weights(town: Town) -> None:
    seen = await town.imagine("a (red:1.3) fox [in snow:in rain:0.5] --no (blue:1.2) --steps 12")
    text = town.only_job().request.text
    assert text.prompt == "a (red:1.3) fox [in snow:in rain:0.5]" and text.negative_prompt == "(blue:1.2)"
    town.worker.make()
    result = await town.result(seen)
    # The marks are shown as they were typed, and are no markup.
    assert r"a \(red\:1\.3\) fox" in result.content and "ℹ️" not in result.content


async def test_each_picture_draws_its_own_choice(town: Town) -> None:
    seen = await town.imagine("a {red|green|blue} fox", count=4, seed=3)
    request = town.only_job().request
    drawn = [spoken(request.text, request.image_seed(index)).prompt_text for index in range(4)]
    assert len(set(drawn)) > 1 and all(words.split()[1] in ("red", "green", "blue") for words in drawn)
    town.worker.make()
    assert "red" in (await town.result(seen, pictures=5)).content


async def test_a_long_prompt_is_drawn_whole(town: Town) -> None:
    words = ", ".join(f"detail number {number}" for number in range(150))
    seen = await town.imagine(f"{words} BREAK a red fox")
    assert town.only_job().request.text.prompt.endswith("BREAK a red fox")
    town.worker.make()
    assert (await town.result(seen)).attachments


def offer_lora(town: Town, name: str, *trigger_words: str, architecture: str | None = None) -> None:
    with town.database.begin() as session:
        spec = AddonSpec(
            kind=AddonKind.LORA,
            name=name,
            title=name,
            architecture=architecture,
            trigger_words=trigger_words,
        )
        register_addons(session, "w", [spec])


async def test_a_lora_is_taken_out_of_the_prompt(town: Town) -> None:
    offer_lora(town, "ink-wash")
    await town.imagine("a fox <lora:Ink-Wash:0.8>")
    request = town.only_job().request
    assert request.text.prompt == "a fox" and request.adapters == (Adapter(name="ink-wash", weight=0.8),)
    assert request.typed_prompt == "a fox <lora:Ink-Wash:0.8>"


async def test_an_unknown_lora_is_refused_with_the_one_that_was_meant(town: Town) -> None:
    offer_lora(town, "ink-wash")
    await town.imagine("a fox <lora:inkwash:0.8>")
    assert "choose one of ink-wash" in (await town.told()).content
    assert town.jobs() == []


async def test_a_lora_for_other_models_is_refused_before_there_is_a_job(town: Town) -> None:
    offer_lora(town, "ink-wash", architecture="sdxl")
    await town.imagine("a fox <lora:ink-wash:0.8>")
    assert "there is no LoRA here yet" in (await town.told()).content
    assert town.jobs() == []


async def test_the_words_that_call_a_lora_up_count_with_the_prompt(town: Town) -> None:
    offer_lora(town, "style-a", "nude")
    await town.imagine("a child <lora:style-a>")
    assert "no sexual pictures of minors" in (await town.told()).content
    assert town.jobs() == []


async def test_brackets_without_a_partner_are_pointed_out_at_once_and_at_the_end(town: Town) -> None:
    seen = await town.imagine("a red (fox")
    await town.until(seen, "in line", "no partner and counts as text")
    town.worker.make()
    assert "no partner and counts as text" in (await town.result(seen)).content


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("(" * 100 + "fox" + ")" * 100, "nest up to"),
        (f"a (fox:{MAX_WEIGHT + 1:g})", "weights stay"),
        ("a {(fox:99)|(hen:99)}", "weights stay"),
        ("a [red:blue:1.5] fox", "share of the steps"),
        ("a fox <lora:ink:loud>", "<lora:name:0.8>"),
        ("a {nu|x}de child", "no sexual pictures of minors"),
        ("<lora:ink:1>", "there is no LoRA here yet"),
    ],
)
async def test_what_cannot_be_read_makes_no_job(town: Town, prompt: str, words: str) -> None:
    await town.imagine(prompt)
    assert words in (await town.told()).content
    assert town.jobs() == [] and town.spent() == 0


async def test_ten_thousand_brackets_are_read_at_once(town: Town) -> None:
    seen = await town.imagine("(" * 5990)
    await town.until(seen, "5990 brackets have no partner")
