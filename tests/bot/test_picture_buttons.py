"""Buttons about one picture: variations, zoom, pan, a picture of its own, and the message menu."""

from __future__ import annotations

import io

import discord
import pytest
from PIL import Image

from bot.client import Atelier
from core.inputs import load_input
from core.stages import Composite, Denoise, EncodeImage
from core.storage import image_key
from sandbox.seen import SeenMessage
from tests.bot.studio import Town
from tests.bot.test_given_pictures import RED, attach
from tests.core.test_pictures import encoded

pytestmark = pytest.mark.usefixtures("bot")


async def made(town: Town, **options: object) -> SeenMessage:
    """A delivered result of ana's."""
    seen = await town.imagine("a red fox", seed=5, **options)
    town.worker.make()
    count = options.get("count", 1)
    assert isinstance(count, int)
    return await town.result(seen, pictures=count + (count > 1))


def verbs(message: SeenMessage) -> list[list[str]]:
    """The buttons' verbs, row by row."""
    rows = [row.get("components", []) for row in message.components]
    return [[part["custom_id"].partition(":")[0] for part in row] for row in rows]


def labels(message: SeenMessage) -> list[str]:
    return [button.get("label") or "" for button in message.buttons]


async def test_a_single_picture_offers_tools_zoom_and_pan(town: Town) -> None:
    assert verbs(await made(town)) == [
        ["rerun", "seed", "remix", "info", "delete"],
        ["tools", "upscale", "zoom"],
        ["left", "right", "up", "down"],
        ["favourite", "mine", "publish", "report"],
    ]


async def test_a_batch_offers_each_larger_and_varied(town: Town) -> None:
    message = await made(town, count=3)
    assert verbs(message)[1:] == [
        ["upscale"] * 3,
        ["vary"] * 3,
        ["tools"],
        ["favourite", "mine", "publish", "report"],
    ]
    assert labels(message)[5:11] == ["U1", "U2", "U3", "V1", "V2", "V3"]


async def test_v2_draws_neighbours_of_the_second_picture(town: Town) -> None:
    message = await made(town, count=2)
    seen = await town.members.settled(await town.members.press("ben", message.id, "V2"))
    town.worker.make()
    await town.result(seen, pictures=3)
    first, second = town.jobs()
    variation = second.request.denoise.variation
    assert variation is not None and variation.strength == 0.6
    assert (second.request.seed, second.request.count) == (6, 2)
    assert second.request.image_seed(1) == 6, "all share the noise that they are neighbours of"
    assert (second.parent_id, second.member_id != first.member_id) == (first.id, True)


async def test_a_variation_of_a_variation_starts_from_it(town: Town) -> None:
    message = await made(town, count=2)
    for _ in range(2):
        seen = await town.members.settled(await town.members.press("ana", message.id, "V2"))
        town.worker.make()
        message = await town.result(seen, pictures=3)
    *_, second, third = town.jobs()
    once, twice = second.request.denoise.variation, third.request.denoise.variation
    assert once is not None and twice is not None and twice.base is not None
    assert twice.base.seed == second.request.variation_seed(once, 1)
    assert third.request.seed == second.request.seed


async def test_the_tools_vary_a_little(town: Town) -> None:
    await town.press(await made(town), "tools")
    tools = await town.until_told("What next?")
    await town.members.settled(await town.members.press("ana", tools.id, "Vary (subtle)"))
    job = town.jobs()[1]
    assert job.request.denoise.variation is not None and job.request.denoise.variation.strength == 0.25
    assert not job.ephemeral, "the tools are private, what they make is seen by whoever sees the picture"


async def test_of_a_batch_one_picture_is_chosen_and_made_its_own(town: Town) -> None:
    message = await made(town, count=2)
    await town.press(message, "tools")
    menu = await town.until_told("Which one?")
    await town.members.settled(await town.members.select("ana", menu.id, "Choose a picture", ["1"]))
    tools = await town.until_told("What next with picture 2?")
    seen = await town.members.settled(await town.members.press("ana", tools.id, "On its own"))
    first, second = town.jobs()
    assert (second.request.seed, second.request.count) == (6, 1)
    assert (second.replay_of, second.replay_first) == (first.id, 1)
    claimed = town.worker.claim()
    assert set(claimed.replays) == {-1, 0}, "its recipe is the second one's"
    town.worker.finish(claimed)
    assert verbs(await town.result(seen))[1] == ["tools", "upscale", "zoom"]


async def test_zoom_out_keeps_the_picture_in_the_middle(town: Town) -> None:
    message = await made(town)
    seen = await town.press(message, "zoom", "ben")
    town.worker.make()
    await town.result(seen)
    first, second = town.jobs()
    text, source, denoise, _, composite = second.request.stages
    assert isinstance(source, EncodeImage) and (source.width, source.height) == (64, 64)
    assert isinstance(denoise, Denoise) and denoise.mask is not None and denoise.strength == 1.0
    assert isinstance(composite, Composite)
    kept = load_input(town.storage, composite.mask).point(lambda value: 255 - value).getbbox()
    assert kept == (10, 10, 53, 53) and text == first.request.stages[0]


@pytest.mark.parametrize(
    ("verb", "size", "corner"),
    [("left", (96, 64), (32, 0)), ("right", (96, 64), (0, 0)),
     ("up", (64, 96), (0, 32)), ("down", (64, 96), (0, 0))],
)  # fmt: skip
async def test_pan_adds_half_a_picture_on_one_side(
    town: Town, verb: str, size: tuple[int, int], corner: tuple[int, int]
) -> None:
    message = await made(town)
    before = Image.open(io.BytesIO(town.storage.get(image_key(town.only_job().id, 0)))).tobytes()
    seen = await town.press(message, verb)
    town.worker.make()
    await town.result(seen)
    composite = town.jobs()[1].request.stages[-1]
    assert isinstance(composite, Composite)
    canvas = load_input(town.storage, composite.image)
    assert canvas.size == size
    assert canvas.crop((*corner, corner[0] + 64, corner[1] + 64)).tobytes() == before


async def test_new_seed_of_a_variation_is_another_neighbour(town: Town) -> None:
    message = await made(town)
    await town.press(message, "tools")
    tools = await town.until_told("What next?")
    seen = await town.members.settled(await town.members.press("ana", tools.id, "Vary (strong)"))
    town.worker.make()
    await town.press(await town.result(seen), "seed")
    *_, varied, again = town.jobs()
    assert again.request.seed == varied.request.seed == 5
    assert again.request.denoise.variation != varied.request.denoise.variation


async def test_forged_pictures_are_not_there(town: Town, bot: Atelier) -> None:
    from bot.picture_buttons import PICTURE_BUTTONS

    channel = (await made(town)).channel_id
    job = town.only_job()
    for job_id, index in ((job.id, 7), ("AAAAAAAAAA", 0)):
        view = discord.ui.View(timeout=None)
        for button in PICTURE_BUTTONS:
            view.add_item(button(job_id, index))
        copy = await bot.get_partial_messageable(channel).send("forged", view=view)
        message = await town.message(copy.id)
        for button in PICTURE_BUTTONS:
            await town.press(message, button.verb)

    async def answers() -> list[str]:
        seen = await town.all_messages()
        told = [message.content for message in seen if message.ephemeral and not message.loading]
        return told if len(told) == 2 * len(PICTURE_BUTTONS) else []

    assert all("picture" in answer for answer in await town.members.wait_until(answers))
    assert len(town.jobs()) == 1


async def test_use_as_input_of_a_result_is_taken_by_the_next_command(town: Town) -> None:
    message = await made(town)
    png = town.storage.get(image_key(town.only_job().id, 0))
    used = await town.members.message_command("ben", "Use as input", message.id)
    await town.members.settled(used)
    await town.until_told("Held for 15 minutes", member="ben")
    await town.slash("img2img", "ben", prompt="a blue fox")
    source = town.jobs()[1].request.stages[1]
    assert isinstance(source, EncodeImage) and source.image is not None
    with Image.open(io.BytesIO(png)) as original:
        assert load_input(town.storage, source.image).tobytes() == original.convert("RGB").tobytes()
    await town.slash("img2img", "ana", prompt="a blue fox")
    await town.until_told("Which picture?")


async def test_use_as_input_of_a_batch_asks_which(town: Town) -> None:
    message = await made(town, count=2)
    await town.members.settled(await town.members.message_command("ana", "Use as input", message.id))
    asked = await town.until_told("Which one?")
    assert labels(asked) == ["Picture 1", "Picture 2"]
    await town.members.settled(await town.members.press("ana", asked.id, "Picture 2"))
    await town.until_told("Held for 15 minutes")


async def test_use_as_input_of_words_alone_says_so(town: Town) -> None:
    said = await town.members.say("ana", "studio", "hello")
    await town.members.settled(await town.members.message_command("ben", "Use as input", said))
    await town.until_told("shows no picture", member="ben")


async def test_image_info_and_rerun_of_a_result(town: Town) -> None:
    message = await made(town)
    await town.members.settled(await town.members.message_command("ben", "Image info", message.id))
    await town.until_told("Euler", "64×64", member="ben")
    seen = await town.members.settled(await town.members.message_command("ben", "Rerun", message.id))
    first, second = town.jobs()
    assert second.replay_of == first.id
    town.worker.make()
    await town.result(seen, member="ben")


async def test_describe_reads_what_a_file_says(town: Town) -> None:
    from PIL import PngImagePlugin

    told = PngImagePlugin.PngInfo()
    told.add_text("parameters", "a **red** fox\nNegative prompt: snow\nSteps: 20, Sampler: Euler, Seed: 5")
    await town.slash("describe", image=await attach(town, encoded(RED, pnginfo=told)))
    await town.until_told("Leave out", "Steps")
    await town.slash("describe", image=await attach(town, RED, "bare.png"))
    await town.until_told("does not say", "no captioner yet")
    await town.slash("describe", image=await attach(town, b"<html>", "page.png"))
    await town.until_told("no picture that can be read")
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9286] = b"UNICODE\0" + "a blue fox, Steps: 7".encode("utf-16-be")
    await town.slash("describe", image=await attach(town, encoded(RED, "JPEG", exif=exif), "x.jpg"))
    await town.until_told("a blue fox")
