"""Pictures that follow others: maps, references; a thing found by a point, or by what is see-through."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from launch.trial import Trial
from models.starter.checker import see
from models.starter.companions.edges import canny, edge_overlap
from models.starter.renderer import draw as render
from models.starter.scenes import Place, Scene, Thing
from tests.e2e.hands import SCENE, attach, distance, make, pictures, values

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300), pytest.mark.asyncio(loop_scope="session")]

STAR = Scene("white", (Thing("star", "red"),), None, (Place(24, 24, 80),))
COLOURS_ALONE = "a red thing on a white background"


def shared_edges(one: Image.Image, other: Image.Image) -> float:
    """Intersection over union of their edges, 0..1."""
    return edge_overlap(canny(np.asarray(one)), canny(np.asarray(other)))


async def test_control_draws_the_shape_that_the_map_has(trial: Trial) -> None:
    source = render(STAR)
    given = {"prompt": f"{COLOURS_ALONE} --seed 3"}
    _, free = await make(trial, "imagine", **given)
    message, followed = await make(
        trial, "control", image=await attach(trial, source), control="lines", **given
    )
    _, edges = await pictures(trial, message)
    assert shared_edges(followed, source) > shared_edges(free, source) + 0.2
    again = {"image": await attach(trial, edges), "preprocessor": "ready-made"}
    _, by_map = await make(trial, "control", control="lines", **given, **again)
    assert distance(by_map, followed) < 3, "the map that was shown makes the same picture"


async def test_two_controls_at_once(trial: Trial) -> None:
    source, other = render(STAR), Image.new("RGB", (128, 128), "white")
    ImageDraw.Draw(other).rectangle((8, 8, 119, 119), outline="black")
    both = {"image": await attach(trial, source), "image2": await attach(trial, other)}
    message, image = await make(
        trial, "control", prompt=f"{COLOURS_ALONE} --seed 3", control="lines", control2="canny", **both
    )
    assert len(await pictures(trial, message)) == 3, "the picture and both maps"
    assert shared_edges(image, source) > 0.2


async def test_what_is_see_through_is_painted_and_the_rest_stays(trial: Trial) -> None:
    source = render(STAR)
    cut_out = source.convert("RGBA")
    cut_out.paste((0, 0, 0, 0), (64, 0, 128, 128))
    _, image = await make(
        trial, "inpaint", prompt="a blue circle on a white background", image=await attach(trial, cut_out)
    )
    assert image.crop((0, 0, 64, 128)).tobytes() == source.crop((0, 0, 64, 128)).tobytes()
    assert distance(image, source) > 0


async def test_what_is_found_at_a_point_is_painted_and_the_rest_stays(trial: Trial) -> None:
    source = render(STAR)
    message, image = await make(
        trial, "inpaint", prompt=SCENE, image=await attach(trial, source), point="50 50"
    )
    _, mask = await pictures(trial, message)
    stays = values(mask).max(axis=-1) < 128
    assert (values(image)[stays] == values(source)[stays]).all()


async def test_a_reference_brings_background_and_colour_without_words(trial: Trial) -> None:
    image = await attach(trial, render(STAR))
    _, followed = await make(trial, "reference", image=image, likeness=1.0)
    seen = see(followed)
    assert seen.background == "white" and "red" in [sight.thing.colour for sight in seen.sights]
