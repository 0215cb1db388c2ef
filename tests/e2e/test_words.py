"""What words and numbers do to a picture: flags, choices, adapters, styles, samplers, batches."""

from __future__ import annotations

import pytest
from PIL import Image

from bench.meaning.tiling import seam
from launch.trial import Trial
from models.starter.checker import TAUGHT, see
from sandbox.seen import SeenMessage
from tests.e2e.hands import OTHER, SCENE, distance, make, panel_of, pictures, result, shows

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300), pytest.mark.asyncio(loop_scope="session")]

CIRCLE = "a red circle on a white background"
#: Between two pictures of a grid, and their side, px.
_GAP, _SIDE = 4, 128

Drawn = tuple[SeenMessage, Image.Image]


def cells(grid: Image.Image, count: int) -> list[Image.Image]:
    """The pictures of a grid's one row; above them are their values."""
    left = grid.width - count * _SIDE - (count - 1) * _GAP
    top = grid.height - _SIDE
    steps = range(left, grid.width, _SIDE + _GAP)
    return [grid.crop((x, top, x + _SIDE, top + _SIDE)) for x in steps]


async def test_words_decide_what_is_drawn(drawn: Drawn) -> None:
    _, image = drawn
    assert shows(image, SCENE) and not shows(image, OTHER)


async def test_flags_are_options(trial: Trial) -> None:
    options = {"prompt": f"{CIRCLE} --steps 12", "size": "2:1", "negative": "blue", "seed": 5}
    _, by_options = await make(trial, "imagine", **options)
    _, by_flags = await make(trial, "imagine", prompt=f"{CIRCLE} --ar 2:1 --no blue --seed 5 --steps 12")
    assert by_flags.width == 2 * by_flags.height and by_flags.tobytes() == by_options.tobytes()


async def test_each_picture_of_a_batch_draws_its_own_choice_and_all_come_with_a_grid(trial: Trial) -> None:
    prompt = "a {red|green|blue} circle on a white background"
    message, _ = await make(trial, "imagine", prompt=prompt, count=4, seed=3)
    grid, *singles = await pictures(trial, message)
    seen = [colour for image in singles for colour in ("red", "green", "blue")
            if shows(image, f"a {colour} circle on a white background")]  # fmt: skip
    assert len(singles) == 4 and len(seen) >= 3 and len(set(seen)) > 1
    assert grid.width > 2 * _SIDE and grid.height > 2 * _SIDE


async def test_a_lora_brings_its_style_and_weight_0_leaves_every_byte(trial: Trial) -> None:
    plain = "a quartered red circle on a white background"
    _, none = await make(trial, "imagine", prompt=plain, seed=3)
    _, zero = await make(trial, "imagine", prompt=f"{plain} <lora:quartered:0>", seed=3)
    _, full = await make(trial, "imagine", prompt=f"{plain} <lora:quartered:1>", seed=3)
    assert zero.tobytes() == none.tobytes()
    styles = [[sight.thing.style for sight in see(image, TAUGHT).sights] for image in (none, full)]
    assert styles[0] != ["quartered"] == styles[1]


async def test_a_textual_inversion_is_a_word(trial: Trial) -> None:
    _, image = await make(trial, "imagine", prompt="a <lime> square on a white background", seed=3)
    assert [sight.thing.colour for sight in see(image, TAUGHT).sights] == ["lime"]
    _, zero = await make(trial, "imagine", prompt="a (<lime>:0) square on a white background", seed=3)
    _, without = await make(trial, "imagine", prompt="a square on a white background", seed=3)
    assert zero.tobytes() == without.tobytes()


async def test_a_style_is_around_the_prompt(trial: Trial) -> None:
    _, plain = await make(trial, "imagine", prompt=CIRCLE, seed=3)
    _, styled = await make(trial, "imagine", prompt=CIRCLE, style="pixel art", seed=3)
    styles = [[sight.thing.style for sight in see(image).sights] for image in (plain, styled)]
    assert styles == [["flat"], ["pixel-art"]]


async def test_samplers_draw_the_same_scene(trial: Trial) -> None:
    samplers = ("DDIM", "Euler a", "Heun", "DPM++ 2M", "UniPC")
    _, grid = await make(trial, "grid", prompt=CIRCLE, x=f"sampler {', '.join(samplers)}", seed=3)
    shown = cells(grid, len(samplers))
    assert sum(shows(cell, CIRCLE) for cell in shown) >= 4
    assert len({cell.tobytes() for cell in shown}) == len(samplers)


async def test_few_steps_are_enough_for_samplers_of_second_order(trial: Trial) -> None:
    _, grid = await make(trial, "grid", prompt=f"{CIRCLE} --steps 6", x="sampler DPM++ 2M, UniPC", seed=3)
    assert all(shows(cell, CIRCLE) for cell in cells(grid, 2))


async def test_eta_changes_the_picture_and_not_what_it_shows(trial: Trial) -> None:
    _, grid = await make(trial, "grid", prompt=CIRCLE, x="eta 0, 1", seed=3)
    plain, noisy = cells(grid, 2)
    assert shows(plain, CIRCLE) and shows(noisy, CIRCLE) and distance(plain, noisy) > 0


async def test_tiling_leaves_no_seam(trial: Trial) -> None:
    _, plain = await make(trial, "imagine", prompt=CIRCLE, seed=3)
    panel = await panel_of(trial, prompt=CIRCLE, seed=3)
    await trial.members.answered(await trial.members.press("ana", panel.id, "Tiling: no"))
    message = await result(trial, await trial.members.press("ana", panel.id, "Make it"))
    assert seam((await pictures(trial, message))[0]) < seam(plain) / 2


async def test_remix_draws_other_words(trial: Trial, drawn: Drawn) -> None:
    message, _ = drawn
    custom_id = next(b["custom_id"] for b in message.buttons if b["custom_id"].startswith("remix:"))
    opened = await trial.members.press("ana", message.id, custom_id)
    await trial.members.answered(opened)
    remixed = await result(trial, await trial.members.submit("ana", opened, {"Prompt": CIRCLE}))
    assert shows((await pictures(trial, remixed))[0], CIRCLE)


async def test_describe_reads_how_a_picture_was_made(trial: Trial) -> None:
    message, _ = await make(trial, "imagine", prompt=CIRCLE, seed=31337)
    file = await trial.members.download(message.attachments[0])
    image = await trial.members.upload("studio", "found.png", file)
    await trial.members.answered(await trial.members.slash("ana", "studio", "describe", {"image": image}))
    told = await trial.members.wait_for("studio", lambda seen: "31337" in seen.text, member="ana")
    assert CIRCLE in told.text.replace("\\", "")
