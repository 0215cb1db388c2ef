"""Ways to make a picture, as a member meets them, with the real worker and the starter model."""

from __future__ import annotations

import pytest
from PIL import Image, ImageDraw

from launch.trial import Trial
from sandbox.seen import SeenMessage
from tests.e2e.hands import OTHER, SCENE, attach, distance, make, pictures, press, result, shows, values

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300), pytest.mark.asyncio(loop_scope="session")]


async def test_img2img_changes_more_as_the_strength_grows(
    trial: Trial, drawn: tuple[SeenMessage, Image.Image]
) -> None:
    _, source = drawn
    changed = []
    for strength in (0.0, 0.4, 0.9):
        image = await attach(trial, source)
        _, image_out = await make(trial, "img2img", prompt=OTHER, image=image, strength=strength, seed=7)
        changed.append(distance(source, image_out))
    assert changed == sorted(changed) and changed[0] < 3.0


async def test_inpainting_makes_what_was_asked_and_leaves_the_rest_to_the_bit(
    trial: Trial, drawn: tuple[SeenMessage, Image.Image]
) -> None:
    _, source = drawn
    mask = Image.new("L", source.size)
    ImageDraw.Draw(mask).rectangle((64, 0, 127, 127), fill=255)
    right = 0
    for _ in range(3):
        given = {"image": await attach(trial, source), "mask": await attach(trial, mask)}
        _, image = await make(trial, "inpaint", prompt=OTHER, **given)
        assert image.crop((0, 0, 64, 128)).tobytes() == source.crop((0, 0, 64, 128)).tobytes()
        right += shows(image, OTHER)
    assert right >= 2


async def test_a_photo_of_any_size_comes_back_at_its_own_but_for_the_mask(
    trial: Trial, drawn: tuple[SeenMessage, Image.Image]
) -> None:
    source = drawn[1].resize((300, 211), Image.Resampling.LANCZOS)
    mask = Image.new("L", source.size)
    ImageDraw.Draw(mask).rectangle((150, 0, 299, 210), fill=255)
    given = {"image": await attach(trial, source), "mask": await attach(trial, mask)}
    _, image = await make(trial, "inpaint", prompt=OTHER, **given)
    kept = (0, 0, 150, 211)
    assert image.size == source.size and image.crop(kept).tobytes() == source.crop(kept).tobytes()
    assert distance(image, source) > 0


async def test_an_outpainted_picture_keeps_its_middle_to_the_bit(
    trial: Trial, drawn: tuple[SeenMessage, Image.Image]
) -> None:
    _, source = drawn
    _, image = await make(
        trial, "outpaint", prompt=SCENE, image=await attach(trial, source), left=32, right=32
    )
    assert image.size == (192, 128)
    assert image.crop((32, 0, 160, 128)).tobytes() == source.tobytes()
    # The background goes on: what is new is as light along its upper edge as the picture.
    upper = values(image)[:8]
    assert abs(upper[:, :32].mean() - upper[:, 32:160].mean()) < 20


async def test_zoom_pan_and_variations(trial: Trial, drawn: tuple[SeenMessage, Image.Image]) -> None:
    message, source = drawn
    assert (await press(trial, message, "zoom")).size == (128, 128)
    panned = await press(trial, message, "right")
    assert panned.size == (192, 128) and panned.crop((0, 0, 128, 128)).tobytes() == source.tobytes()
    tools = next(button["custom_id"] for button in message.buttons if button["custom_id"].startswith("tools"))
    await trial.members.answered(await trial.members.press("ana", message.id, tools))
    offered = await trial.members.wait_for("studio", lambda seen: "What next" in seen.text, member="ana")
    assert 0 < distance(source, await press(trial, offered, "nudge")) < 40


async def test_a_grid_shows_what_each_of_its_cells_is(trial: Trial) -> None:
    words = "words red circle, blue star"
    message, grid = await make(
        trial, "grid", prompt="a red circle on a white background", x=words, y="steps 10, 20", seed=3
    )
    assert len(message.attachments) == 1
    # Cells are 128 px with 4 between them; above and left of them are their values.
    left, top = grid.width - 2 * 128 - 4, grid.height - 2 * 128 - 4
    asked = ("a red circle on a white background", "a blue star on a white background")
    cells = [grid.crop((left + x, top + 132, left + x + 128, top + 260)) for x in (0, 132)]
    assert all(shows(cell, prompt) for cell, prompt in zip(cells, asked, strict=True))


async def test_hires_fix_draws_twice_as_large(trial: Trial) -> None:
    await trial.members.answered(
        await trial.members.slash("ana", "studio", "imagine", {"prompt": SCENE, "advanced": True})
    )
    panel = await trial.members.wait_for("studio", lambda seen: "guidance" in seen.text, member="ana")
    form = await trial.members.press("ana", panel.id, "Hires fix…")
    await trial.members.answered(form)
    sent = await trial.members.submit("ana", form, {"Enlarge by (1 to 4; empty: off)": "2"})
    await trial.members.answered(sent)
    message = await result(trial, await trial.members.press("ana", panel.id, "Make it"))
    assert (await pictures(trial, message))[0].size == (256, 256)


async def test_control_shows_the_map_that_it_followed(
    trial: Trial, drawn: tuple[SeenMessage, Image.Image]
) -> None:
    _, source = drawn
    message, image = await make(
        trial, "control", prompt=OTHER, image=await attach(trial, source), control="canny"
    )
    _, edges = await pictures(trial, message)
    assert image.size == edges.size == (128, 128)
    assert "map" in message.attachments[1]["filename"]
    share = (values(edges).mean(axis=-1) > 127).mean()
    assert 0.005 < share < 0.2, "a few lines, white on black"


async def test_what_is_found_by_words_is_painted_and_the_rest_stays(
    trial: Trial, drawn: tuple[SeenMessage, Image.Image]
) -> None:
    _, source = drawn
    message, image = await make(
        trial, "inpaint", prompt=OTHER, image=await attach(trial, source), find="the square"
    )
    _, mask = await pictures(trial, message)
    stays = values(mask).max(axis=-1) < 128
    assert (values(image)[stays] == values(source)[stays]).all()


async def test_an_upscaled_picture_is_twice_as_large_and_shows_the_same(
    trial: Trial, drawn: tuple[SeenMessage, Image.Image]
) -> None:
    message, source = drawn
    by_button = await press(trial, message, "upscale")
    enlarged, by_command = await make(trial, "upscale", image=await attach(trial, source))
    assert by_button.size == (2 * source.width, 2 * source.height)
    assert by_button.tobytes() == by_command.tobytes()
    assert (await press(trial, enlarged, "rerun")).tobytes() == by_command.tobytes()
    small = by_button.resize(source.size, Image.Resampling.BOX)
    assert shows(small, SCENE) and distance(source, small) < 5
