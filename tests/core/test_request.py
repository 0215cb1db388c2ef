"""A request is validated where it is made and reads back as it was written."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadOption
from core.request import Request
from core.samplers import SAMPLERS
from core.stages import MAX_SEED, Decode, Denoise, EncodeText

DENOISE = Denoise(sampler="Euler", schedule="karras", steps=20, guidance_scale=7.0, width=512, height=512)
REQUEST = Request(model="tiny", seed=7, stages=(EncodeText(prompt="a fox"), DENOISE, Decode()))

sides = st.integers(1, 256).map(lambda eighths: 8 * eighths)


@st.composite
def denoises(draw: st.DrawFn) -> Denoise:
    sampler = draw(st.sampled_from(list(SAMPLERS.values())))
    return Denoise(
        sampler=sampler.name,
        schedule=draw(st.sampled_from(sampler.schedules)),
        steps=draw(st.integers(1, 1000)),
        guidance_scale=draw(st.floats(1, 30)),
        width=draw(sides),
        height=draw(sides),
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
