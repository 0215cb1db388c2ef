"""A request is validated where it is made and reads back as it was written."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.addon_spec import PREPROCESSORS
from core.errors import BadOption
from core.guides import ControlUnit, Reference
from core.request import Request
from core.samplers import SAMPLERS
from core.stages import (
    MADE_MASK,
    MAX_SEED,
    Composite,
    Decode,
    Denoise,
    EncodeImage,
    EncodeText,
    LoadImage,
    MakeMask,
    Upscale,
)

DENOISE = Denoise(sampler="Euler", schedule="karras", steps=20, guidance_scale=7.0, width=512, height=512)
REQUEST = Request(model="tiny", seed=7, stages=(EncodeText(prompt="a fox"), DENOISE, Decode()))

sides = st.integers(1, 256).map(lambda eighths: 8 * eighths)


images = st.integers(0, 2**256 - 1).map(lambda number: f"{number:064x}")
controls = st.builds(
    ControlUnit,
    model=st.text(max_size=40),
    image=images,
    preprocessor=st.none() | st.sampled_from(list(PREPROCESSORS)),
    scale=st.floats(0, 2),
    start=st.floats(0, 0.5),
    end=st.floats(0.5, 1),
    thresholds=st.tuples(st.integers(0, 100), st.integers(100, 1000)),
)
references = st.builds(
    Reference,
    model=st.text(max_size=40),
    images=st.lists(images, min_size=1, max_size=3).map(tuple),
    scale=st.floats(0, 2),
)


@st.composite
def denoises(draw: st.DrawFn) -> Denoise:
    sampler = draw(st.sampled_from(list(SAMPLERS.values())))
    return Denoise(
        sampler=sampler.name,
        schedule=draw(st.sampled_from(sampler.schedules)),
        steps=draw(st.integers(1, sampler.max_steps)),
        guidance_scale=draw(st.floats(1, 30)),
        width=draw(sides),
        height=draw(sides),
        strength=draw(st.none() | st.floats(0, 1)),
        controls=tuple(draw(st.lists(controls, max_size=4))),
        references=tuple(draw(st.lists(references, max_size=4))),
    )


requests = st.builds(
    Request,
    model=st.text(min_size=1, max_size=40),
    seed=st.integers(0, MAX_SEED),
    count=st.integers(1, 4),
    style=st.none() | st.text(max_size=20),
    typed_prompt=st.text(max_size=50),
    stages=st.tuples(
        st.builds(EncodeText, prompt=st.text(max_size=50), negative_prompt=st.text(max_size=50)),
        denoises(),
        st.just(Decode()),
    ),
)


@given(requests)
def test_json_round_trip(request: Request) -> None:
    assert Request.from_json(json.loads(json.dumps(request.to_json()))) == request


def test_unknown_versions_stages_and_fields_are_refused() -> None:
    data = REQUEST.to_json()
    for broken in (
        {**data, "version": 99},
        {**data, "colour": "red"},
        {**data, "stages": [{"kind": "teleport"}]},
        {**data, "stages": [{**data["stages"][0], "colour": "red"}]},
    ):
        with pytest.raises(BadOption):
            Request.from_json(broken)


def test_values_out_of_range_are_refused_however_they_came() -> None:
    for change in ({"seed": -1}, {"seed": MAX_SEED + 1}, {"count": 0}, {"count": 5}, {"stages": ()}):
        with pytest.raises(BadOption):
            replace(REQUEST, **change)  # type: ignore[arg-type]
    for change in (
        {"steps": 0},
        {"steps": 1001},
        {"guidance_scale": float("nan")},
        {"guidance_scale": float("inf")},
        {"width": 0},
        {"height": 513},
        {"sampler": "Magic"},
        {"sampler": "DDIM"},
    ):
        with pytest.raises(BadOption):
            replace(DENOISE, **change)  # type: ignore[arg-type]


def test_seeds_of_a_batch_follow_each_other_and_wrap() -> None:
    request = replace(REQUEST, seed=MAX_SEED, count=2)
    assert [request.image_seed(index) for index in range(2)] == [MAX_SEED, 0]


def test_guides_out_of_their_range_are_refused() -> None:
    image = "0" * 64
    for change in (
        {"image": "../0"},
        {"preprocessor": "guess"},
        {"scale": 2.1},
        {"start": 0.6, "end": 0.5},
        {"thresholds": (200, 100)},
    ):
        with pytest.raises(BadOption):
            ControlUnit(**{"model": "canny", "image": image, **change})
    for change in ({"images": ()}, {"images": ("x",)}, {"scale": float("nan")}):
        with pytest.raises(BadOption):
            Reference(**{"model": "faces", "images": (image,), **change})
    unit = ControlUnit(model="canny", image=image)
    with pytest.raises(BadOption, match="up to 4"):
        replace(DENOISE, controls=(unit,) * 5)


def test_a_made_mask_needs_a_thing_and_names_no_picture() -> None:
    image = "0" * 64
    for change in ({}, {"text": " "}, {"text": "a hat", "point": (0.5, 0.5)}, {"point": (0.5, 1.1)}):
        with pytest.raises(BadOption):
            MakeMask(image=image, **change)
    stages = (
        MakeMask(image=image, point=(0.25, 0.5)),
        replace(DENOISE, strength=0.5, mask=MADE_MASK),
        Composite(image=image, mask=MADE_MASK),
    )
    request = replace(REQUEST, stages=stages)
    assert request.images == {image}
    assert Request.from_json(json.loads(json.dumps(request.to_json()))) == request


def test_the_size_is_that_of_the_last_stage_that_changes_it() -> None:
    upscale = Upscale(upscaler="any", scale=4)
    known, unknown = LoadImage(image="a" * 64, width=96, height=64), LoadImage(image="a" * 64)
    cropped = EncodeImage(image="a" * 64, width=512, height=512)
    composite = Composite(image="a" * 64, mask="b" * 64)
    sizes = {
        (DENOISE, Decode()): (512, 512),
        (DENOISE, replace(DENOISE, width=1024), Decode()): (1024, 512),
        (DENOISE, Decode(), upscale): (2048, 2048),
        (known, upscale): (384, 256),
        (unknown, upscale): None,
        (cropped, DENOISE, Decode(), composite): (512, 512),
        (replace(cropped, whole=(800, 600)), DENOISE, Decode(), composite): (800, 600),
    }
    for stages, size in sizes.items():
        request = replace(REQUEST, stages=stages)
        assert request.size == size
        assert request.is_drawn == (DENOISE in stages)


def test_a_picture_that_is_encoded_whole_is_read_again_and_older_orders_stay_cropped() -> None:
    whole = EncodeImage(image="a" * 64, width=512, height=384, whole=(801, 600))
    request = replace(REQUEST, stages=(whole, replace(DENOISE, strength=0.5), Decode()))
    written = json.loads(json.dumps(request.to_json()))
    assert Request.from_json(written) == request
    del written["stages"][0]["whole"]
    older = Request.from_json(written)
    assert older.given_size is None and older.stages[0] == replace(whole, whole=None)
