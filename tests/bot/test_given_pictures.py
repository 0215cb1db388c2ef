"""Commands that start from a picture: attached, or held by its member; odd and bad files on the way."""

from __future__ import annotations

import io
import time
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from bot.client import Atelier
from core.inputs import load_input
from core.stages import Composite, Decode, Denoise, EncodeImage, EncodeText
from core.storage import DirectoryStorage
from sandbox.seen import SeenInteraction
from tests.bot.studio import Town
from tests.core.test_pictures import encoded, png_that_claims

pytestmark = pytest.mark.usefixtures("bot")

RED = Image.new("RGB", (96, 64), "red")


async def attach(town: Town, image: Image.Image | bytes, name: str = "photo.png") -> int:
    """A file on the CDN, for an attachment option."""
    data = image if isinstance(image, bytes) else encoded(image)
    return await town.members.upload("studio", name, data)


def half_mask(size: tuple[int, int] = (96, 64)) -> Image.Image:
    """White on the right half."""
    mask = Image.new("L", size)
    ImageDraw.Draw(mask).rectangle((size[0] // 2, 0, size[0], size[1]), fill=255)
    return mask


def stored(town: Town, sha256: str) -> Image.Image:
    return load_input(town.storage, sha256)


async def delivered(town: Town, seen: SeenInteraction) -> None:
    town.worker.make()
    await town.result(seen)


async def test_img2img_starts_from_the_attached_picture(town: Town) -> None:
    seen = await town.slash(
        "img2img", prompt="a blue fox", image=await attach(town, RED), strength=0.4, seed=5
    )
    await delivered(town, seen)
    text, source, denoise, decode = town.only_job().request.stages
    assert isinstance(text, EncodeText) and isinstance(decode, Decode)
    assert isinstance(source, EncodeImage) and (source.width, source.height) == (96, 64)
    assert isinstance(denoise, Denoise) and denoise.strength == 0.4
    assert source.image is not None and stored(town, source.image).tobytes() == RED.tobytes()


async def test_img2img_from_a_panel(town: Town) -> None:
    await town.slash("img2img", prompt="a blue fox", image=await attach(town, RED), advanced=True)
    panel = await town.until_told("20 steps")
    asked = await town.members.press("ana", panel.id, "Steps and guidance…")
    await town.members.settled(asked)
    strength = "Strength (0 keeps the picture, 1 redraws it)"
    await town.members.settled(await town.members.submit("ana", asked, {strength: "0,25"}))
    await town.until_told("strength 0,25")
    made = await town.members.settled(await town.members.press("ana", panel.id, "Make it"))
    await delivered(town, made)
    assert town.only_job().request.denoise.strength == 0.25


async def test_inpaint_takes_a_mask(town: Town) -> None:
    mask = await attach(town, half_mask((48, 32)), "mask.png")
    seen = await town.slash("inpaint", prompt="a hat", image=await attach(town, RED), mask=mask)
    await delivered(town, seen)
    *_, denoise, _, composite = town.only_job().request.stages
    assert isinstance(denoise, Denoise) and isinstance(composite, Composite)
    assert denoise.mask == composite.mask and denoise.mask is not None and denoise.strength == 1.0
    kept = stored(town, denoise.mask)
    assert (kept.mode, kept.size) == ("L", RED.size)
    assert (kept.getpixel((10, 10)), kept.getpixel((90, 10))) == (0, 255)


@pytest.mark.parametrize("size", [(100, 75), (500, 400)])
async def test_inpaint_gives_a_picture_of_any_size_back_at_its_own(town: Town, size: tuple[int, int]) -> None:
    image, mask = await attach(town, RED.resize(size)), await attach(town, half_mask(size), "mask.png")
    await delivered(town, await town.slash("inpaint", prompt="a hat", image=image, mask=mask))
    request = town.only_job().request
    _, source, denoise, _, composite = request.stages
    assert isinstance(source, EncodeImage) and isinstance(denoise, Denoise)
    assert source.whole == request.size == size and (source.width, source.height) != size
    assert isinstance(composite, Composite) and stored(town, composite.image).size == size


async def test_inpaint_takes_the_see_through_part(town: Town) -> None:
    cut_out = RED.convert("RGBA")
    cut_out.paste((0, 0, 0, 0), (48, 0, 96, 64))
    await delivered(town, await town.slash("inpaint", prompt="a hat", image=await attach(town, cut_out)))
    mask = town.only_job().request.denoise.mask
    assert mask is not None and stored(town, mask).tobytes() == half_mask().tobytes()


@pytest.mark.parametrize(
    ("mask", "told"),
    [(None, "Which part?"), (Image.new("L", (96, 64)), "nothing in it is white"),
     (Image.new("L", (64, 64), 255), "give it the same shape")],
)  # fmt: skip
async def test_masks_that_will_not_do(town: Town, mask: Image.Image | None, told: str) -> None:
    given = {} if mask is None else {"mask": await attach(town, mask, "mask.png")}
    await town.slash("inpaint", prompt="a hat", image=await attach(town, RED), **given)
    assert told in (await town.told()).content and town.jobs() == []


async def test_outpaint_lays_the_picture_on_a_larger_canvas(town: Town) -> None:
    noise = Image.effect_noise((64, 64), 80).convert("RGB")
    seen = await town.slash("outpaint", prompt="a fox", image=await attach(town, noise), left=33, up=15)
    await delivered(town, seen)
    _, source, denoise, _, composite = town.only_job().request.stages
    assert isinstance(source, EncodeImage) and isinstance(denoise, Denoise)
    assert isinstance(composite, Composite) and (denoise.width, denoise.height) == (96, 80)
    canvas = stored(town, composite.image)
    assert source.whole == canvas.size == (97, 79)
    assert canvas.crop((33, 15, 97, 79)).tobytes() == noise.tobytes()
    assert stored(town, composite.mask).point(lambda value: 255 - value).getbbox() == (33, 15, 97, 79)


async def test_outpaint_says_what_is_missing(town: Town) -> None:
    await town.slash("outpaint", prompt="a fox", image=await attach(town, RED))
    assert "at least one side" in (await town.told()).content and town.jobs() == []


async def test_without_a_picture_a_command_says_how_to_give_one(town: Town) -> None:
    for command in ("img2img", "inpaint"):
        await town.slash(command, prompt="a fox")
        await town.until_told("Use as input")
    assert town.jobs() == []


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("big.png", png_that_claims(50_000, 50_000), "more than 50 million pixels"),
        ("cut.jpg", encoded(RED, "JPEG")[:200], "damaged or cut off"),
        ("drawing.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no picture that can be read"),
        ("page.png", b"<!DOCTYPE html><script>alert(1)</script>", "no picture that can be read"),
        ("program.exe", b"MZ" + bytes(99), "no picture that can be read"),
    ],
)
async def test_bad_files_are_refused_by_name_privately_and_free(
    town: Town, name: str, data: bytes, told: str
) -> None:
    await town.slash("img2img", prompt="a fox", image=await attach(town, data, name))
    answer = await town.until_told(told)
    assert f"**image** can't be `{name}`" in answer.content
    assert town.jobs() == [] and town.spent() == 0 and list(town.storage.keys("inputs/")) == []
    assert await town.all_messages("ben") == []


async def test_odd_pictures_are_mended(town: Town) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 0.0)
    turned = encoded(RED, "JPEG", exif=exif)
    many = encoded(RED, "PNG", save_all=True, append_images=[Image.new("RGB", RED.size, "blue")] * 50)
    # A file's name, and the type that Discord concludes from it, mean nothing.
    for data, name, size in ((turned, "photo.png", (64, 96)), (many, "loop.webp", (96, 64))):
        await town.slash("img2img", "ben", prompt="a fox", image=await attach(town, data, name))
        source = town.jobs()[-1].request.stages[1]
        assert isinstance(source, EncodeImage) and source.image is not None
        image = stored(town, source.image)
        assert image.size == size
        red = image.getpixel((5, 5))
        assert isinstance(red, tuple) and red[0] > 240
        with Image.open(io.BytesIO(town.storage.get(f"inputs/{source.image}.png"))) as file:
            assert dict(file.getexif()) == {} and file.info == {}


async def test_deleting_the_job_erases_what_it_was_made_from(town: Town) -> None:
    seen = await town.slash("img2img", prompt="a fox", image=await attach(town, RED))
    town.worker.make()
    await town.press(await town.result(seen), "delete")

    async def gone() -> bool:
        return list(town.storage.keys()) == []

    await town.members.wait_until(gone)


class SlowStorage(DirectoryStorage):
    """Takes longer to store than a first answer may take."""

    def put(self, key: str, data: bytes, content_type: str) -> None:
        time.sleep(2)
        super().put(key, data, content_type)


async def test_a_refusal_after_a_slow_start_is_told_to_the_person_alone(
    town: Town, bot: Atelier, tmp_path: Path
) -> None:
    await bot.close()
    async with town.bot(storage=SlowStorage(tmp_path / "objects")):
        await town.slash("img2img", prompt="a fox", image=await attach(town, RED), model="none such")
        await town.until_told("**model** can't be `none such`")
        assert await town.all_messages("ben") == [] and town.jobs() == []
