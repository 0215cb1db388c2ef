"""Bad input through the doors that members use: mended, or refused in words for them alone; then there is no
job, no charge, and nothing is kept.

| bad input | where it is shown |
|---|---|
| NUL, lone surrogate, bidi override | mended: `test_what_can_be_mended_is_mended` |
| thousands of brackets | `test_prompt_language.py`: `test_ten_thousand_brackets_...` |
| seed, size, steps, model, choice that cannot be | `test_an_option_that_cannot_be_...` |
| guidance NaN or infinite | `test_a_number_that_is_none_...` |
| a batch beyond the quota | `test_a_batch_beyond_the_quota_...` |
| a model that is a path or a link | `test_a_link_is_no_model_...`, and the options above |
| pickle named .safetensors, a name twice in its head | `test_a_file_that_cannot_be_trusted_...` |
| another hash than the pinned one (the owner's door) | `tests/files/test_fetch.py` |
| LoRA for another architecture | `test_prompt_language.py`: `test_a_lora_for_other_models_...` |
| PNG of 50,000 pixels a side, cut JPEG, SVG, HTML | `test_given_pictures.py`: `test_bad_files_...` |
| animation of 10,000 pictures, CMYK, 16 bit, palette with alpha | `test_odd_pictures_are_converted` |
| EXIF rotation and place, lying type | `test_given_pictures.py`: `test_odd_pictures_are_mended` |
| addresses inside, redirects, lying length | `test_downloads.py` |
"""

from __future__ import annotations

import json
import pickle
import struct
from pathlib import Path

import pytest
from PIL import Image

from core.stages import EncodeImage
from db.addons import register_addons
from tests.bot.studio import Town
from tests.bot.test_given_pictures import attach, stored
from tests.core.test_pictures import encoded

pytestmark = pytest.mark.usefixtures("bot")


async def refused(town: Town, told: str) -> None:
    """Ana alone was told so, and nothing else has come of it."""
    assert told in (await town.told()).content
    assert town.jobs() == [] and town.spent() == 0
    assert await town.all_messages("ben") == [], "nobody else sees it"
    assert list(town.storage.keys()) == []


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("a\x00 red\x00 fox", "a red fox"),
        ("a red \ud800fox", "a red fox"),
        ("a \u202ered\u202c fox\u2066", "a red fox"),
    ],
)
async def test_what_can_be_mended_is_mended(town: Town, typed: str, kept: str) -> None:
    seen = await town.imagine(typed)
    town.worker.make()
    assert kept in (await town.result(seen)).content
    assert town.only_job().request.typed_prompt == kept


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"prompt": "\u200b"}, "prompt"),
        ({"prompt": "a n\u200bude child"}, "prompt"),
        ({"prompt": "a fox --seed -1"}, "**seed** can't be `-1`"),
        ({"prompt": f"a fox --seed {2**64}"}, f"**seed** can't be `{2**64}`"),
        ({"prompt": "a fox --seed 1e9"}, "**seed** can't be `1e9`"),
        ({"prompt": "a fox --steps 1000000"}, "**steps** can't be `1000000`"),
        ({"prompt": "a fox --steps nan"}, "**steps** can't be `nan`"),
        ({"prompt": "a fox --colour red"}, "--colour"),
        ({"size": "0x0"}, "**size** can't be `0x0`"),
        ({"size": "513"}, "**size** can't be `513`"),
        ({"size": "16384x16384"}, "**size** can't be `16384x16384`"),
        ({"size": "purple"}, "can't be `purple`"),
        ({"model": "../../etc/passwd"}, "**model** can't be `../../etc/passwd`"),
        ({"model": "/etc/passwd"}, "**model** can't be `/etc/passwd`"),
        ({"model": "C:\\model"}, "**model** can't be"),
        ({"model": "none such"}, "**model** can't be `none such`"),
    ],
)
async def test_an_option_that_cannot_be_is_refused_by_name(
    town: Town, options: dict[str, object], told: str
) -> None:
    await town.slash("imagine", **({"prompt": "a fox"} | options))
    await refused(town, told)


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "1e999", "-5", "٥٠", "4,5,6"])
async def test_a_number_that_is_none_is_refused_in_the_panel(town: Town, value: str) -> None:
    await town.imagine("a fox", advanced=True)
    panel = await town.until_told("20 steps")
    form = await town.members.settled(await town.members.press("ana", panel.id, "Steps and guidance…"))
    assert form.modal is not None
    label = next(
        part["label"]
        for row in form.modal["components"]
        for part in row["components"]
        if part["label"].startswith("Guidance")
    )
    await town.members.settled(await town.members.submit("ana", form.id, {label: value}))
    await refused(town, "**guidance** can't be")


async def test_a_batch_beyond_the_quota_is_refused_whole(town: Town) -> None:
    await town.imagine("affordable")
    town.leave_credits(town.only_job().account_id, 3)
    await town.imagine("too dear", count=4)
    assert "costs 4 credits and you have 3" in (await town.told()).content
    assert town.only_job().request.typed_prompt == "affordable" and town.spent() == 1


async def test_a_link_is_no_model_for_whoever_types_its_name(town: Town, tmp_path: Path) -> None:
    """Where it leads is the owner's business; what a member types is compared with names."""
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "secret").symlink_to("/etc")
    for name in ("secret", "secret/passwd", "models/secret"):
        await town.slash("imagine", prompt="a fox", model=name)
        await refused(town, f"**model** can't be `{name}`")


async def test_a_file_that_cannot_be_trusted_is_not_offered(town: Town, tmp_path: Path) -> None:
    """It lies where a worker looks, under the name that a member then uses."""
    from models.addons import find_addons

    folder = tmp_path / "models" / "lora"
    folder.mkdir(parents=True)
    (folder / "trap.safetensors").write_bytes(pickle.dumps({"weight": [1.0]}))
    entry = {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}
    name = json.dumps("lora_unet_mid_block_attentions_0_proj_in.lora_down.weight")
    head = f"{{{name}: {json.dumps(entry)}, {name}: {json.dumps(entry)}}}".encode()
    (folder / "twice.safetensors").write_bytes(struct.pack("<Q", len(head)) + head + bytes(4))
    found = find_addons([tmp_path / "models"])
    with town.database.begin() as session:
        register_addons(session, "w", [addon.spec for addon in found])
    for lora in ("trap", "twice"):
        await town.imagine(f"a fox <lora:{lora}:1>")
        await refused(town, "there is no LoRA here yet")


def _palette_with_a_hole() -> bytes:
    cut_out = Image.new("RGBA", (64, 64), (255, 0, 0, 255))
    cut_out.paste((0, 0, 0, 0), (32, 0, 64, 64))
    return encoded(cut_out.quantize(4))


def _animation() -> bytes:
    red, blue = (Image.new("RGB", (64, 64), colour) for colour in ("red", "blue"))
    return encoded(red, "PNG", save_all=True, append_images=[blue, red] * 5000)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (encoded(Image.new("CMYK", (64, 64), (0, 255, 255, 0)), "JPEG"), "print.jpg"),
        (encoded(Image.frombytes("I;16", (64, 64), struct.pack("<H", 0xFFFF) * 64 * 64)), "deep.png"),
        (_palette_with_a_hole(), "palette.png"),
        (_animation(), "loop.png"),
    ],
    ids=["CMYK", "16 bit", "palette with alpha", "10,000 pictures"],
)
async def test_odd_pictures_are_converted(town: Town, data: bytes, name: str) -> None:
    await town.slash("img2img", prompt="a fox", image=await attach(town, data, name))
    source = town.only_job().request.stages[1]
    assert isinstance(source, EncodeImage) and source.image is not None
    image = stored(town, source.image)
    assert image.mode == "RGB" and image.size == (64, 64)
    red = image.getpixel((5, 5))
    assert isinstance(red, tuple) and red[0] > 240
