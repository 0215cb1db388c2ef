"""Ways to make a picture, as a member meets them, with the real worker and the starter model."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator

import numpy as np
import pytest
import pytest_asyncio
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from core.settings import STARTER_MODEL_DIR
from launch.trial import Trial, running_trial
from models.starter.checker import check
from models.starter.grammar import scene_of
from models.tiny.addons import build_tiny_controlnet, build_tiny_ip_adapter
from models.tiny.seers import build_tiny_clipseg
from sandbox.seen import SeenMessage

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300), pytest.mark.asyncio(loop_scope="module")]

SCENE = "a red circle to the left of a blue square on a white background"
OTHER = "a red circle to the left of a green star on a white background"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def trial(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Trial]:
    """One studio for all tests here, with tiny add-ons of random weights."""
    data_dir = tmp_path_factory.mktemp("studio")
    base = STARTER_MODEL_DIR / "sd"
    build_tiny_controlnet(data_dir / "models" / "controlnet" / "canny", base, strength=0.02)
    build_tiny_ip_adapter(data_dir / "models" / "ip-adapter" / "tiny", base)
    build_tiny_clipseg(data_dir / "models" / "masker" / "clipseg")
    async with running_trial(data_dir) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def drawn(trial: Trial) -> tuple[SeenMessage, Image.Image]:
    """A picture that shows SCENE, and its message; the starter model needs a seed or two."""
    for seed in range(1, 6):
        message, image = await make(trial, "imagine", prompt=SCENE, seed=seed)
        if shows(image, SCENE):
            return message, image
    pytest.fail("the starter model draws no such scene")


async def result(trial: Trial, interaction: int) -> SeenMessage:
    """The delivered message that answers an interaction."""

    def ended(message: SeenMessage) -> bool:
        verbs = [button["custom_id"].partition(":")[0] for button in message.buttons]
        return "delete" in verbs

    return await trial.members.wait_for("studio", ended, member="ana", interaction=interaction, timeout_s=60)


async def pictures(trial: Trial, message: SeenMessage) -> list[Image.Image]:
    assert message.attachments, message.text
    files = [await trial.members.download(file) for file in message.attachments]
    return [Image.open(io.BytesIO(file)).convert("RGB") for file in files]


async def make(trial: Trial, command: str, **options: object) -> tuple[SeenMessage, Image.Image]:
    """Use a command; its message, and its first picture."""
    message = await result(trial, await trial.members.slash("ana", "studio", command, options))
    return message, (await pictures(trial, message))[0]


async def press(trial: Trial, message: SeenMessage, verb: str) -> Image.Image:
    """Press a button; the first picture that comes of it."""
    ids = [button["custom_id"] for button in message.buttons]
    custom_id = next(custom_id for custom_id in ids if custom_id.startswith(f"{verb}:"))
    made = await result(trial, await trial.members.press("ana", message.id, custom_id))
    return (await pictures(trial, made))[0]


async def attach(trial: Trial, image: Image.Image) -> int:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return await trial.members.upload("studio", "picture.png", buffer.getvalue())


def distance(one: Image.Image, other: Image.Image) -> float:
    """Mean distance of their pixels' values, 0..255."""
    return float(np.abs(_values(one) - _values(other)).mean())


def shows(image: Image.Image, prompt: str) -> bool:
    scene = scene_of(prompt)
    assert scene is not None
    return check(image, scene).ok


def _values(image: Image.Image) -> NDArray[np.float64]:
    return np.asarray(image, np.float64)


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
    upper = _values(image)[:8]
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
    share = (_values(edges).mean(axis=-1) > 127).mean()
    assert 0.005 < share < 0.2, "a few lines, white on black"


async def test_reference_needs_no_words(trial: Trial, drawn: tuple[SeenMessage, Image.Image]) -> None:
    _, source = drawn
    _, image = await make(trial, "reference", image=await attach(trial, source))
    assert image.size == (128, 128)


async def test_what_is_found_by_words_is_painted_and_the_rest_stays(
    trial: Trial, drawn: tuple[SeenMessage, Image.Image]
) -> None:
    _, source = drawn
    message, image = await make(
        trial, "inpaint", prompt=OTHER, image=await attach(trial, source), find="the square"
    )
    _, mask = await pictures(trial, message)
    stays = _values(mask).max(axis=-1) < 128
    assert (_values(image)[stays] == _values(source)[stays]).all()


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
