"""Pictures made from pictures: image to image and inpainting equal the stock pipelines'."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.request import Request
from core.samplers import SAMPLERS
from core.stages import Composite, EncodeImage, LoadImage
from models.catalogue import find_models
from models.engine.api import FinishedImage, ImageFailed, ImageTask
from models.engine.engine import Engine
from models.engine.framing import framed, unframed
from tests.engine.stock import (
    MASK,
    SIDE,
    SOURCE,
    Stock,
    are_equal,
    assert_same_picture,
    drawn_mask,
    drawn_picture,
    given,
    make_picture_request,
    make_request,
)


def _make(engine: Engine, request: Request, **options) -> FinishedImage:
    return engine.submit(ImageTask(request=request, inputs=given(), **options)).result()


@pytest.fixture(scope="module")
def painter_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model directory with a model that was built to inpaint."""
    from models.tiny import build_tiny_model

    directory = tmp_path_factory.mktemp("painters")
    build_tiny_model(directory / "tiny", in_channels=9, seed=2)
    return directory


@pytest.fixture
def painter(painter_dir: Path) -> Iterator[Engine]:
    engine = Engine(find_models([painter_dir]), device="cpu")
    yield engine
    engine.close()


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_image_to_image(engine: Engine, stock: Stock, sampler: str) -> None:
    request = make_picture_request(sampler=sampler)
    assert_same_picture(_make(engine, request).image, stock, request, given())


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_inpainting_by_blending(engine: Engine, stock: Stock, sampler: str) -> None:
    request = make_picture_request(sampler=sampler, masked=True)
    assert_same_picture(_make(engine, request).image, stock, request, given())


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(make_picture_request(strength=1.0), id="from noise"),
        pytest.param(make_picture_request(strength=0.2), id="hardly"),
        pytest.param(make_picture_request(guidance_scale=1.0), id="no guidance"),
        pytest.param(make_picture_request(strength=1.0, masked=True), id="masked, from noise"),
        pytest.param(make_picture_request(masked=True, sampler="Euler a", guidance_scale=1.0), id="masked"),
    ],
)
def test_strengths(engine: Engine, stock: Stock, request_: Request) -> None:
    assert_same_picture(_make(engine, request_).image, stock, request_, given())


@pytest.mark.parametrize("strength", [0.6, 1.0])
@pytest.mark.parametrize("sampler", ["Euler", "Euler a"])
def test_models_that_inpaint(painter: Engine, painter_dir: Path, sampler: str, strength: float) -> None:
    request = make_picture_request(sampler=sampler, strength=strength, masked=True)
    assert_same_picture(_make(painter, request).image, Stock(painter_dir / "tiny"), request, given())


def test_a_model_that_inpaints_paints_a_whole_picture_too(painter: Engine) -> None:
    assert np.asarray(_make(painter, make_request()).image).std() >= 20
    assert not are_equal(_make(painter, make_picture_request()).image, drawn_picture())


def test_strength_0_gives_the_source_itself(engine: Engine) -> None:
    seen: list[int] = []
    request = make_picture_request(strength=0.0)
    finished = _make(engine, request, on_progress=lambda done, _total, _preview: seen.append(done))
    assert finished.image.tobytes() == drawn_picture().tobytes()
    assert (seen, request.unet_calls, finished.recipe.widths) == ([], 0, ((),))


def test_outside_the_mask_nothing_changes(engine: Engine) -> None:
    finished = _make(engine, make_picture_request(masked=True, composited=True, strength=1.0))
    kept = np.asarray(drawn_mask()) == 0
    ours, theirs = np.asarray(finished.image), np.asarray(drawn_picture())
    assert np.array_equal(ours[kept], theirs[kept])
    assert (ours[~kept] != theirs[~kept]).mean() > 0.9


@pytest.mark.parametrize("size", [(100, 75), (75, 101), (31, 33), (500, 400), (300, 20), (SIDE, SIDE)])
@pytest.mark.parametrize("painter_too", [False, True])
def test_a_picture_of_any_size_comes_back_but_for_the_mask(
    request: pytest.FixtureRequest, size: tuple[int, int], painter_too: bool
) -> None:
    engine = request.getfixturevalue("painter" if painter_too else "engine")
    order = _whole(size, strength=1.0)
    finished = engine.submit(ImageTask(request=order, inputs=given(*size))).result()
    kept = np.asarray(drawn_mask(*size)) == 0
    ours, theirs = np.asarray(finished.image), np.asarray(drawn_picture(*size))
    assert finished.image.size == order.size == size
    assert np.array_equal(ours[kept], theirs[kept])
    assert (ours[~kept] != theirs[~kept]).mean() > 0.9
    nothing = ImageTask(request=_whole(size, strength=0.0), inputs=given(*size))
    assert engine.submit(nothing).result().image.tobytes() == drawn_picture(*size).tobytes()


def _whole(size: tuple[int, int], **options: float) -> Request:
    """Inpainting of a picture of any size as the commands order it: drawn at the size that the model has."""
    plain = make_picture_request(masked=True, composited=True, **options)
    text, encode, *rest = plain.stages
    assert isinstance(encode, EncodeImage)
    return replace(plain, stages=(text, replace(encode, whole=size), *rest))


@pytest.mark.parametrize("size", [(100, 75), (33, 90), (SIDE, SIDE)])
def test_what_is_painted_comes_back_to_its_place(size: tuple[int, int]) -> None:
    """A disc where it was: shape and place survive the way to the model's size and back."""
    picture = drawn_picture(*size)
    there = framed(picture, 256, 192, size)
    assert there.size == (256, 192)
    back = np.asarray(unframed(there, size), float)
    assert np.abs(back - np.asarray(picture)).mean() < 2
    # A mask of another size lies on the same place.
    small = drawn_mask(size[0] // 2, size[1] // 2)
    one, other = (np.asarray(framed(mask, 256, 192, size), float) for mask in (drawn_mask(*size), small))
    assert np.abs(one - other).mean() < 6


def test_a_soft_edge_lies_on_the_white_side(engine: Engine) -> None:
    """Gray up to 127 is black; from 128 on the picture is blended, ever more."""
    ramp = Image.fromarray(np.tile(np.linspace(0, 255, SIDE).astype(np.uint8), (SIDE, 1)))
    request = make_picture_request(strength=1.0, masked=True, composited=True)
    pictures = {SOURCE: Image.new("RGB", (SIDE, SIDE)), MASK: ramp}
    plain = Request(model="tiny", seed=7, stages=request.stages[:-1])
    finished, painted = (
        np.asarray(engine.submit(ImageTask(request=one, inputs=pictures)).result().image).astype(float)
        for one in (request, plain)
    )
    gray = np.asarray(ramp)[0]
    assert not finished[:, gray < 128].any()
    share = finished.sum(axis=(0, 2)) / painted.sum(axis=(0, 2))
    assert np.all(np.diff(share[gray >= 128]) > 0)
    assert share[-1] == 1


def test_in_company_and_again(engine: Engine, stock: Stock) -> None:
    """Text, pictures and masks side by side in one lane; each rerun gives the same bytes."""
    requests = [
        make(seed=number, sampler=sampler, steps=5 + number % 3)
        for number, sampler in enumerate(("Euler", "DPM++ SDE", "Euler a"))
        for make in (
            make_request,
            make_picture_request,
            lambda **options: make_picture_request(masked=True, **options),
        )
    ]
    tasks = [ImageTask(request=request, inputs=given()) for request in requests]
    images = [image.result() for image in [engine.submit(task) for task in tasks]]
    assert max(width for image in images for width, _ in image.recipe.widths[0]) == 8
    for image, request in zip(images, requests, strict=True):
        assert_same_picture(image.image, stock, request, given())
    again = [
        engine.submit(ImageTask(request=image.recipe.request, inputs=given(), replay=image.recipe))
        for image in reversed(images)
    ]
    assert [image.result().png() for image in again] == [image.png() for image in reversed(images)]


def test_previews_of_pictures(engine: Engine) -> None:
    previews: list[Image.Image | None] = []
    request = make_picture_request(masked=True, composited=True)
    _make(engine, request, on_progress=lambda _done, _total, show: previews.append(show()))
    assert [preview.size for preview in previews if preview] == [(SIDE, SIDE)] * request.unet_calls


@pytest.mark.parametrize(
    ("stages", "told"),
    [
        ((LoadImage(image="c" * 64),), "no longer stored"),
        ((Composite(image=SOURCE, mask=MASK),), "before there is one"),
        (make_request(strength=0.5).stages, "before there is one"),
        (make_request(strength=1.0, mask=MASK).stages, "before there is one"),
        (
            (EncodeImage(image=SOURCE, width=64, height=64), *make_request(strength=0.5).stages),
            "another size",
        ),
    ],
)
def test_requests_that_make_no_sense_fail_kindly(engine: Engine, stages: tuple, told: str) -> None:
    request = Request(model="tiny", seed=1, stages=stages)
    failed = engine.submit(ImageTask(request=request, inputs=given())).exception()
    assert isinstance(failed, ImageFailed)
    assert told in str(failed)


def test_pictures_are_scaled_and_cropped(engine: Engine) -> None:
    request = Request(
        model="tiny", seed=1, stages=make_picture_request(strength=0.0, width=32, height=64).stages
    )
    task = ImageTask(request=request, inputs={SOURCE: drawn_picture(96, 96)})
    assert engine.submit(task).result().image.size == (32, 64)
