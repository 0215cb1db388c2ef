"""Options and flags become a request, or a refusal that names the option, the value and what would do."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadOption, Refusal
from core.options.drawing import build_request
from core.options.imagine import ImagineOptions
from core.options.models import choose_model
from core.request import Request
from core.samplers import SAMPLERS
from core.sizes import size_for_aspect
from core.stages import MAX_PROMPT_CHARACTERS, MAX_SEED
from core.styles import STYLES
from tests.model_specs import model_spec

SPEC = model_spec(
    "tiny",
    "Tiny",
    native_side=512,
    side_multiple=64,
    min_side=256,
    max_side=1024,
    default_sampler="DPM++ 2M",
    default_schedule="karras",
)


def build(prompt: str = "a fox", **options: Any) -> Request:
    return build_request(ImagineOptions(prompt=prompt, **options), SPEC, Random(0))


def refusal(**options: Any) -> BadOption:
    with pytest.raises(BadOption) as caught:
        build(**options)
    return caught.value


def test_a_bare_prompt_takes_the_models_defaults() -> None:
    request = build()
    denoise = request.denoise
    assert request.model == "tiny" and request.count == 1 and request.text.prompt == "a fox"
    assert (denoise.width, denoise.height, denoise.steps, denoise.guidance_scale) == (512, 512, 20, 7.0)
    assert (denoise.sampler, denoise.schedule) == ("DPM++ 2M", "karras")


def test_the_words_of_a_style_are_not_counted() -> None:
    request = build("x" * MAX_PROMPT_CHARACTERS, negative="y" * MAX_PROMPT_CHARACTERS, style="photo")
    assert len(request.text.prompt) > MAX_PROMPT_CHARACTERS < len(request.text.negative_prompt)


def test_what_is_left_out_by_option_and_flag_is_counted_together() -> None:
    error = refusal(prompt="a fox --no " + "x" * 3000, negative="y" * 3000)
    assert error.option == "negative" and "6002 characters" in error.allowed


def test_seeds_left_out_are_drawn_from_the_generator_passed_in() -> None:
    assert build().seed == build().seed
    assert build().seed != build_request(ImagineOptions(prompt="a fox"), SPEC, Random(1)).seed


def test_every_option_reaches_the_request() -> None:
    request = build(
        negative="snow", style="photo", size="256x768", count=3, seed=5, steps="30", guidance="7,5",
        sampler="euler", schedule="Exponential",
    )  # fmt: skip
    denoise = request.denoise
    assert (request.seed, request.count, request.style) == (5, 3, "photo")
    assert request.text.prompt.startswith("photograph of a fox")
    assert request.text.negative_prompt == f"snow, {STYLES['photo'].negative_prompt}"
    assert (denoise.width, denoise.height, denoise.steps, denoise.guidance_scale) == (256, 768, 30, 7.5)
    assert (denoise.sampler, denoise.schedule) == ("Euler", "exponential")


def test_flags_become_options_and_leave_the_prompt() -> None:
    request = build("a fox —ar 2:1 --seed 5 --steps 30 --no snow, ice --no text", negative="blurry")
    assert request.text.prompt == "a fox"
    assert request.text.negative_prompt == "blurry, snow, ice, text"
    assert request.typed_prompt.startswith("a fox —ar")
    assert (request.seed, request.denoise.steps) == (5, 30)
    assert request.denoise.width > 1.5 * request.denoise.height


@pytest.mark.parametrize(
    ("flag", "options"),
    [("--seed 5", {"seed": 6}), ("--steps 5", {"steps": 6}), ("--ar 1:2", {"aspect": "2:1"})],
)
def test_a_flag_and_an_option_that_disagree_are_refused_and_named(flag: str, options: dict[str, Any]) -> None:
    error = refusal(prompt=f"a fox {flag}", **options)
    assert error.option in flag and str(error.value) in flag
    assert str(next(iter(options.values()))) in error.allowed


def test_a_flag_and_an_option_that_agree_are_fine() -> None:
    assert build("a fox --seed 5", seed=5).seed == 5


def test_a_sampler_without_the_models_schedule_runs_on_its_own() -> None:
    assert build(sampler="DDIM").denoise.schedule == SAMPLERS["DDIM"].schedules[0]


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("prompt", ""),
        ("prompt", " \n\u200b\u2800 "),
        ("prompt", "--steps 5"),
        ("prompt", "x" * 6001),
        ("negative", "x" * 6001),
        ("seed", -1),
        ("seed", 2**64),
        ("seed", "1e9"),
        ("seed", "٣"),
        ("seed", "9" * 6000),
        ("guidance", float("nan")),
        ("guidance", "inf"),
        ("guidance", "-inf"),
        ("guidance", 0),
        ("guidance", "much"),
        ("steps", 10**6),
        ("steps", 0),
        ("steps", "2.5"),
        ("size", "0x0"),
        ("size", "513"),
        ("size", "513x512"),
        ("size", "16k"),
        ("size", "16384x16384"),
        ("aspect", "0:1"),
        ("aspect", "wide"),
        ("aspect", "100:1"),
        ("count", 0),
        ("count", 1000),
        ("style", "../../etc/passwd"),
        ("sampler", "Euler; DROP TABLE jobs"),
        ("schedule", "polyexponential"),
    ],
)
def test_bad_values_are_refused_by_name(option: str, value: object) -> None:
    error = refusal(**{option: value})
    assert error.option in (option, "--steps")
    assert f"**{error.option}**" in str(error)
    assert len(str(error)) < 2000, "Discord shows at most 2000 characters"


def test_a_size_between_steps_is_told_the_nearest_that_would_do() -> None:
    assert "512x512 would do" in str(refusal(size="513"))


def test_size_and_aspect_together_are_refused() -> None:
    assert refusal(size="512x512", aspect="1:1").option == "size"


def test_a_schedule_its_sampler_lacks_is_refused_with_those_it_has() -> None:
    assert "DDIM runs on normal" in str(refusal(sampler="DDIM", schedule="karras"))


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "C:\\model", "tiny/../tiny", "missing"])
def test_models_are_names_and_never_paths(name: str) -> None:
    with pytest.raises(BadOption) as caught:
        choose_model(name, [SPEC])
    assert caught.value.option == "model" and "tiny" in caught.value.allowed


def test_models_are_chosen_by_name_whatever_the_capitals() -> None:
    assert choose_model(" TINY ", [SPEC]) is SPEC
    assert choose_model(None, [SPEC]) is SPEC
    with pytest.raises(Refusal, match="No worker"):
        choose_model(None, [])


@given(st.integers(1, 64), st.integers(1, 64))
def test_every_aspect_gives_sides_the_model_can_draw_in_that_shape(width: int, height: int) -> None:
    if not 0.25 <= width / height <= 4:
        return
    sides = size_for_aspect(f"{width}:{height}", SPEC)
    assert all(256 <= side <= 1024 and side % 64 == 0 for side in sides)
    # Rounding moves each side by half a step at most, 32 of at least 256 pixels.
    assert 0.7 < (sides[0] / sides[1]) / (width / height) < 1.4


def test_clip_skip_is_an_option_or_a_flag() -> None:
    assert build().text.clip_skip == 1
    assert build(clip_skip="2").text.clip_skip == 2
    assert build("a fox --clip-skip 3").text.clip_skip == 3
    for options in ({"prompt": "a fox --clip-skip 0"}, {"clip_skip": "13"}, {"clip_skip": "2.0"}):
        with pytest.raises(BadOption, match="from 1 to 12"):
            build(**options)
    with pytest.raises(BadOption, match="the option clip skip says 2"):
        build("a fox --clip-skip 3", clip_skip=2)


def test_the_usual_aspects_keep_the_models_area() -> None:
    for aspect in ("1:1", "3:2", "2:3", "4:3", "16:9", "9:16"):
        width, height = size_for_aspect(aspect, SPEC)
        assert 0.8 < width * height / 512**2 < 1.2, aspect


@given(
    prompt=st.text(min_size=1, max_size=200),
    negative=st.text(max_size=50),
    style=st.sampled_from([None, *STYLES]),
    count=st.integers(1, 4),
    seed=st.none() | st.integers(0, MAX_SEED),
    steps=st.integers(1, 100),
    guidance=st.floats(1, 30),
    sampler=st.sampled_from(list(SAMPLERS)),
)
def test_any_accepted_request_survives_json(**options: Any) -> None:
    try:
        request = build(**options)
    except BadOption:
        return
    assert Request.from_json(request.to_json()) == request
