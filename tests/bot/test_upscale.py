"""Larger pictures: `/upscale`, U1 to U4, and the message menu."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from PIL import Image

from core.addon_spec import AddonKind, AddonSpec
from core.inputs import load_input
from core.stages import DenoiseTiles, EncodeImage, EncodeText, LoadImage, Upscale, UpscaleLatents
from core.storage import image_key
from db import workers
from db.addons import register_addons
from sandbox.seen import SeenMessage
from tests.bot.studio import Town
from tests.bot.test_given_pictures import RED, attach
from tests.bot.test_picture_buttons import made, verbs
from tests.bot.worker import SPEC

pytestmark = pytest.mark.usefixtures("bot")

UPSCALERS = [
    AddonSpec(kind=AddonKind.UPSCALER, name="fine-4x", title="Fine", factor=4),
    AddonSpec(kind=AddonKind.UPSCALER, name="anime_2x", title="Anime", factor=2),
]


@pytest.fixture
def equipped(town: Town) -> None:
    """The worker has upscalers."""
    with town.database.begin() as session:
        register_addons(session, "w", UPSCALERS)


@pytest.mark.usefixtures("equipped")
async def test_a_given_picture_by_a_named_upscaler(town: Town) -> None:
    seen = await town.slash("upscale", image=await attach(town, RED), upscaler="FINE-4x", scale=4)
    await town.until(seen, "384×256 · upscaled 4×")
    claimed = town.worker.claim()
    await town.until(seen, "Being made…")
    town.worker.finish(claimed)
    message = await town.result(seen)
    assert verbs(message)[:2] == [["rerun", "info", "delete"], ["upscale", "use"]]
    load, upscale = town.only_job().request.stages
    assert isinstance(load, LoadImage) and (load.width, load.height) == RED.size
    assert load_input(town.storage, load.image).tobytes() == RED.tobytes()
    assert upscale == Upscale(upscaler="fine-4x", scale=4, factor=4)
    await town.press(message, "info")
    told = await town.until_told("384×256", "4× by fine")
    assert "Seed" not in told.text and "Sampler" not in told.text


@pytest.mark.usefixtures("equipped")
async def test_u2_enlarges_the_second_picture(town: Town) -> None:
    message = await made(town, count=2)
    seen = await town.members.settled(await town.members.press("ben", message.id, "U2"))
    town.worker.make()
    result = await town.result(seen, member="ben")
    assert "a red fox" in result.text and "128×128" in result.text
    first, second = town.jobs()
    text, load, upscale = second.request.stages
    assert isinstance(text, EncodeText) and text.prompt == "a red fox", "told, and looked at by filters"
    assert isinstance(load, LoadImage) and upscale == Upscale(upscaler="anime_2x", scale=2, factor=2)
    with Image.open(io.BytesIO(town.storage.get(image_key(first.id, 1)))) as original:
        assert load_input(town.storage, load.image).tobytes() == original.convert("RGB").tobytes()
    assert (second.parent_id, second.request.count, second.request.seed) == (first.id, 1, 6)
    assert second.member_id != first.member_id


@pytest.mark.usefixtures("equipped")
async def test_what_was_enlarged_is_enlarged_again_and_made_again(town: Town) -> None:
    message = await made(town)
    for verb in ("upscale", "upscale", "rerun"):
        seen = await town.press(message, verb)
        town.worker.make()
        message = await town.result(seen)
    *_, twice, again = town.jobs()
    assert again.replay_of == twice.id and again.request == twice.request


@pytest.mark.usefixtures("equipped")
async def test_the_message_menu_enlarges_results_and_others_pictures(town: Town) -> None:
    async def chosen(message_id: int) -> SeenMessage | None:
        used = await town.members.message_command("ben", "Upscale", message_id)
        seen = await town.members.settled(used)
        town.worker.make()
        return await town.result(seen, member="ben")

    result = await chosen((await made(town)).id)
    assert result is not None and await chosen(result.id) is not None
    assert [job.request.size for job in town.jobs()] == [(64, 64), (128, 128), (128, 128)]
    batch = await made(town, count=2)
    await town.members.settled(await town.members.message_command("ben", "Upscale", batch.id))
    asked = await town.until_told("Which one?", member="ben")
    seen = await town.members.settled(await town.members.press("ben", asked.id, "Picture 2"))
    town.worker.make()
    await town.result(seen, member="ben")
    said = await town.members.say("ana", "studio", "hello")
    await town.members.settled(await town.members.message_command("ben", "Upscale", said))
    await town.until_told("shows no picture", member="ben")


@pytest.mark.usefixtures("equipped")
async def test_upscalers_that_are_not_there_and_pictures_too_large(town: Town) -> None:
    await town.slash("upscale", image=await attach(town, RED), upscaler="../../etc/passwd")
    await town.until_told("choose one of anime_2x, fine-4x")
    wide = Image.new("RGB", (4000, 64))
    await town.slash("upscale", image=await attach(town, wide), scale=4)
    await town.until_told("16000x256 pixels; up to 8192")
    assert town.jobs() == []
    offered = await town.members.choices("ana", "studio", "upscale", "upscaler", "ani", {})
    assert [choice["value"] for choice in offered] == ["anime_2x"]


async def test_without_an_upscaler_members_are_told(town: Town) -> None:
    await town.press(await made(town), "upscale")
    await town.until_told("no upscaler yet; its owner can add one")
    await town.slash("upscale")
    await town.until_told("Which picture?")
    assert len(town.jobs()) == 1


@pytest.mark.usefixtures("equipped")
async def test_in_detail_it_is_drawn_again_in_tiles(town: Town) -> None:
    picture = await attach(town, RED)
    seen = await town.slash("upscale", image=picture, way="detail", prompt="a red wall", strength=0.4)
    town.worker.make()
    message = await town.result(seen)
    assert verbs(message)[1] == ["upscale", "use"]
    request = town.only_job().request
    text, load, upscale, encode, tiles, _ = request.stages
    assert isinstance(text, EncodeText) and text.prompt == "a red wall" == request.typed_prompt
    assert isinstance(load, LoadImage) and upscale == Upscale(upscaler="anime_2x", scale=2, factor=2)
    assert isinstance(encode, EncodeImage) and encode.image is None
    assert isinstance(tiles, DenoiseTiles)
    assert (tiles.strength, tiles.tile, tiles.overlap, tiles.tiles) == (0.4, 64, 16, 12)
    assert request.size == (RED.width * 2, RED.height * 2)
    again = await town.press(message, "rerun")
    town.worker.make()
    await town.result(again)


async def test_in_detail_scaling_alone_comes_first_where_there_is_no_upscaler(town: Town) -> None:
    seen = await town.slash("upscale", image=await attach(town, RED), way="detail", scale=4)
    town.worker.make()
    await town.result(seen)
    _, encode, tiles, _ = town.only_job().request.stages
    assert isinstance(encode, EncodeImage) and encode.image is not None
    assert isinstance(tiles, DenoiseTiles) and tiles.width == 4 * RED.width


async def test_by_a_latent_upscaler(town: Town) -> None:
    spec = replace(SPEC, name="x2", title="Twice", architecture="latent-upscaler", side_multiple=64)
    spec = replace(spec, max_side=256)
    with town.database.begin() as session:
        workers.register_worker(session, workers.WorkerInfo(id="w", host="h", device="cpu"), [SPEC, spec])
    off = {"model": "x2", "where": "server"}
    await town.slash("admin model", "maya", state="off", **off)
    assert await town.members.choices("ana", "studio", "upscale", "upscaler", "tw", {"way": "latent"}) == []
    await town.slash("admin model", "maya", state="on", **off)
    offered = await town.members.choices("ana", "studio", "upscale", "upscaler", "tw", {"way": "latent"})
    assert [choice["value"] for choice in offered] == ["x2"]
    assert "x2" not in str(await town.members.choices("ana", "studio", "imagine", "model", "", {}))
    await town.slash("imagine", prompt="a fox", model="x2")
    await town.until_told("x2", "starter")
    seen = await town.slash("upscale", image=await attach(town, RED), way="latent", prompt="a red wall")
    town.worker.make()
    await town.result(seen)
    request = town.only_job().request
    _, small, upscale, _ = request.stages
    assert request.model == "x2" and isinstance(upscale, UpscaleLatents)
    assert isinstance(small, EncodeImage) and (small.width, small.height) == (96, 64)
    assert request.size == (192, 128)
    await town.slash("upscale", image=await attach(town, Image.new("RGB", (160, 64))), way="latent")
    await town.until_told(
        "Twice makes pictures of up to 256x256 pixels, and this would be 320x128; `way: detail`"
    )
    assert len(town.jobs()) == 1


async def test_what_does_not_fit_the_way_is_refused(town: Town) -> None:
    picture = await attach(town, RED)
    await town.slash("upscale", image=picture, way="latent")
    await town.until_told("no latent upscaler yet; its owner can add one")
    await town.slash("upscale", image=picture, way="latent", scale=4)
    await town.until_told("scale", "twice as large")
    await town.slash("upscale", image=picture, prompt="a red wall")
    await town.until_told("prompt", "reads no words")
    await town.slash("upscale", image=picture, strength=0.5)
    await town.until_told("strength", "way: detail")
    await town.slash("upscale", image=picture, way="latent", model="starter")
    await town.until_told("model", "way: detail")
    wide = await attach(town, Image.new("RGB", (4000, 64)))
    await town.slash("upscale", image=wide, way="detail", scale=4)
    await town.until_told("16000x256 pixels; up to 8192")
    assert town.jobs() == []
