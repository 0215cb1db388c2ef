"""What people can do with one picture of a job, and with pictures that they hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
from PIL import Image

from actions.delete import delete
from actions.draw import draw
from actions.new_seed import new_seed
from actions.person import Asked, Person
from actions.pick import pick
from actions.reframe import pan, zoom_out
from actions.studio import Studio
from actions.upscale import upscale, upscale_result
from actions.use_as_input import input_in_hand, use_as_input, use_result
from actions.vary import vary
from core.addon_spec import AddonKind, AddonSpec
from core.errors import BadOption, NotAllowed, NotFound, Refusal
from core.inputs import input_key, keep_input
from core.options.grid import GridOptions
from core.options.img2img import Img2ImgOptions
from core.options.upscale import UpscaleOptions
from db.addons import register_addons
from tests.actions.hands import balance, store
from tests.actions.people import ANA, BEN, ELSEWHERE, asked, make

#: Verbs about one picture of a job, each given who, how they asked, the job and the picture.
PICTURE_VERBS: list[Callable[[Studio, Person, Asked, str, int], object]] = [
    partial(vary, strength=0.5),
    partial(zoom_out, factor=1.5),
    partial(pan, across=1, down=0),
    pick,
    upscale_result,
    lambda studio, person, _, job_id, index: use_result(studio, person, job_id, index),
]


@pytest.mark.parametrize("verb", PICTURE_VERBS)
def test_pictures_that_are_not_theirs_to_see_or_not_there(
    studio: Studio, verb: Callable[[Studio, Person, Asked, str, int], object]
) -> None:
    public = make(studio, count=2)
    store(studio, public, count=2)
    private = make(studio, ephemeral=True)
    store(studio, private)
    equip(studio)
    for person, job, index in ((BEN, private, 0), (ELSEWHERE, public, 0), (BEN, public, 7)):
        with pytest.raises(NotFound):
            verb(studio, person, asked(), job.id, index)
    verb(studio, BEN, asked(), public.id, 1)
    verb(studio, ANA, asked(), private.id, 0)


def test_a_picked_picture_follows_its_own_recipe(studio: Studio) -> None:
    batch = make(studio, count=2, seed=5)
    store(studio, batch, count=2)
    own = pick(studio, BEN, asked(), batch.id, 1)
    assert (own.request.seed, own.request.count) == (6, 1)
    assert (own.replay_of, own.replay_first, own.member_id) == (batch.id, 1, BEN.member_id)


def test_what_is_held_is_ones_own(studio: Studio) -> None:
    job = make(studio)
    store(studio, job)
    held = use_result(studio, ANA, job.id, 0)
    assert input_in_hand(studio, ANA) == held and (held.width, held.height) == (64, 64)
    with pytest.raises(Refusal, match="Which picture"):
        input_in_hand(studio, BEN)


def test_what_is_held_stays_in_age_restricted_channels(studio: Studio) -> None:
    adult = replace(ANA, age_restricted=True)
    restricted, plain = make(studio, adult), make(studio)
    for job in (restricted, plain):
        store(studio, job)
    blue = Image.new("RGB", (64, 64), "blue")
    for hold in (
        lambda: use_result(studio, adult, restricted.id, 0),
        lambda: use_as_input(studio, adult, blue),
    ):
        kept = hold()
        assert input_in_hand(studio, adult) == kept
        with pytest.raises(NotAllowed, match="age-restricted"):
            input_in_hand(studio, ANA)
    kept = use_result(studio, adult, plain.id, 0)
    assert input_in_hand(studio, ANA) == kept, "that was made in a plain one"


def test_deleting_a_job_erases_what_it_alone_was_made_from(studio: Studio) -> None:
    given = keep_input(studio.storage, Image.new("RGB", (64, 64), "blue"))
    options = Img2ImgOptions(prompt="a fox", image=given)
    first, second = (draw(studio, ANA, asked(), options) for _ in range(2))
    delete(studio, ANA, first.id)
    assert studio.storage.exists(input_key(given.sha256))
    delete(studio, ANA, second.id)
    assert not studio.storage.exists(input_key(given.sha256))


def test_a_grids_price_is_that_of_its_cells(studio: Studio) -> None:
    grid = draw(studio, ANA, asked(), GridOptions(prompt="a fox", x="steps 1, 2, 3", y="guidance 1, 7"))
    assert (grid.image_count, grid.price, grid.total_steps) == (6, 6, 12)
    assert balance(studio, grid) == 94


def test_an_upscaled_picture_keeps_its_words_and_is_priced_by_its_pixels(studio: Studio) -> None:
    equip(studio)
    batch = make(studio, count=2, seed=5)
    store(studio, batch, count=2)
    larger = upscale_result(studio, BEN, asked(), batch.id, 1, scale=4)
    assert larger.request.size == (256, 256)
    assert (larger.request.text.prompt, larger.request.seed) == ("a red fox", 6)
    assert (larger.parent_id, larger.image_count, larger.price, larger.total_steps) == (batch.id, 1, 1, 0)
    with pytest.raises(Refusal, match="No seed"):
        new_seed(studio, BEN, asked(), larger.id)


def test_a_large_picture_costs_more_to_enlarge(studio: Studio) -> None:
    equip(studio)
    given = keep_input(studio.storage, Image.new("RGB", (2048, 1024)))
    assert upscale(studio, ANA, asked(), given, UpscaleOptions()).price == 2
    with pytest.raises(BadOption, match="16384x8192"):
        upscale(studio, ANA, asked(), given, UpscaleOptions(scale=8))


def test_where_there_is_no_upscaler_nothing_is_made(studio: Studio) -> None:
    given = keep_input(studio.storage, Image.new("RGB", (64, 64)))
    with pytest.raises(Refusal, match="no upscaler yet"):
        upscale(studio, ANA, asked(), given, UpscaleOptions())


def equip(studio: Studio) -> None:
    """The worker has an upscaler."""
    spec = AddonSpec(kind=AddonKind.UPSCALER, name="any", title="Any", factor=4)
    with studio.database.begin() as session:
        register_addons(session, "w", [spec])
