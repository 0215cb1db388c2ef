"""Grids: what each image is, and what all of them take."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import pytest

from core.errors import BadOption
from core.grid import image_calls, image_label, image_request, total_calls
from core.hires import HIRES_STRENGTH
from core.inputs import Input
from core.options.drawing import build_request
from core.options.grid import GridOptions, PictureGridOptions
from core.options.imagine import ImagineOptions
from core.price import image_price, total_work
from core.prompt.adapters import take_adapters
from core.request import Adapter, Request
from core.stages import Denoise, Variation
from core.styles import Style
from tests.core.test_options import SPEC


def grid(**options: Any) -> Request:
    return build_request(GridOptions(**{"prompt": "a red fox", "seed": 5, **options}), SPEC, Random(0))


def test_images_are_counted_row_by_row_and_share_a_seed() -> None:
    request = grid(x="steps 10, 20, 30", y="guidance 2, 8")
    assert request.count == 6
    cells = [image_request(request, index) for index in range(6)]
    assert [(cell.denoise.guidance_scale, cell.denoise.steps) for cell in cells] == [
        (2, 10), (2, 20), (2, 30), (8, 10), (8, 20), (8, 30),
    ]  # fmt: skip
    assert {cell.seed for cell in cells} == {5} and {cell.count for cell in cells} == {1}
    assert all(cell.axes == () for cell in cells)
    assert image_label(request, 4) == "guidance 8 · steps 20"


def test_what_all_images_take_is_the_sum() -> None:
    request = grid(x="steps 10, 20, 30")
    assert [image_calls(request, index) for index in range(3)] == [10, 20, 30]
    assert total_calls(request) == 60
    alone = [image_request(request, index) for index in range(3)]
    assert total_work(request) == sum(total_work(cell) for cell in alone)
    assert image_price(request) == 1


def test_words_are_replaced_in_prompt_and_title() -> None:
    request = grid(x="words red, deep blue", style="photo")
    cell = image_request(request, 1)
    assert "a deep blue fox" in cell.text.prompt and cell.typed_prompt == "a deep blue fox"
    assert image_request(request, 0).text == request.text


def test_seeds_and_samplers_vary_by_any_name() -> None:
    request = grid(x="seed 7, 9", y="sampler k_euler, ddim")
    assert [image_request(request, index).seed for index in range(4)] == [7, 9, 7, 9]
    assert [image_request(request, index).denoise.sampler for index in (0, 2)] == ["Euler", "DDIM"]


def test_a_grid_survives_storage() -> None:
    request = grid(x="steps 1, 2", y="words red, blue")
    assert Request.from_json(request.to_json()) == request
    assert request.without_words().axes == ()
    with pytest.raises(BadOption, match="pictures fit"):
        replace(request, count=3)


def test_an_image_of_a_batch_alone_has_its_own_seed_or_variation() -> None:
    request = replace(grid(x="steps 9"), axes=(), count=3)
    assert [image_request(request, index).seed for index in range(3)] == [5, 6, 7]
    stages = tuple(
        replace(stage, variation=Variation(seed=40, strength=0.5)) if isinstance(stage, Denoise) else stage
        for stage in request.stages
    )
    varied = image_request(replace(request, stages=stages), 2)
    assert varied.seed == 5 and varied.denoise.variation == Variation(seed=42, strength=0.5)


OTHER = replace(SPEC, name="other", title="Other", max_side=512, max_steps=10)
HOUSE = {"house": Style(name="house", prompt="house style of {prompt}", negative_prompt="mud")}


def cells(**options: Any) -> list[Request]:
    request = grid(**options)
    assert Request.from_json(request.to_json()) == request
    return [image_request(request, index) for index in range(request.count)]


def test_models_sizes_and_clip_skip_vary() -> None:
    drawn = cells(x="model other, tiny", y="clip skip 1, 2", models=[SPEC, OTHER], steps=8)
    assert [(cell.model, cell.text.clip_skip) for cell in drawn] == [
        ("other", 1), ("tiny", 1), ("other", 2), ("tiny", 2),
    ]  # fmt: skip
    wide, tall = cells(x="Size: 3:2, 512x768")
    assert (wide.denoise.width > wide.denoise.height) and wide.denoise.width % SPEC.side_multiple == 0
    assert (tall.denoise.width, tall.denoise.height) == (512, 768)


def test_styles_are_kept_as_they_were() -> None:
    bare, house = cells(x="style none, House", styles=HOUSE, negative="fog")
    assert (bare.text.prompt, bare.style) == ("a red fox", None)
    assert (house.text.prompt, house.text.negative_prompt) == ("house style of a red fox", "fog, mud")
    assert house.style == "house"


def test_loras_and_vaes_vary_beside_the_prompts_own() -> None:
    drawn = cells(prompt="a fox <lora:ink:1> <lora:chalk:0.5>", x="lora 0, 0.4, wool, -1", y="vae none, soft")
    assert [cell.vae for cell in drawn] == [None] * 4 + ["soft"] * 4
    weights = [{adapter.name: adapter.weight for adapter in cell.adapters} for cell in drawn[:4]]
    assert weights == [
        {"chalk": 0.5, "ink": 0.0},
        {"chalk": 0.5, "ink": 0.4},
        {"chalk": 0.5, "ink": 1.0, "wool": 1.0},
        {"chalk": 0.5, "ink": 1.0, "wool": -1.0},
    ]
    # What is remixed keeps its weight.
    assert take_adapters(drawn[1].typed_prompt) == (
        "a fox",
        (Adapter(name="ink", weight=0.4), *drawn[1].adapters[:1]),
    )


def test_hires_fix_varies_over_sizes() -> None:
    drawn = cells(x="hires none, 1.5", y="size 256, 512x320")
    passes = [[stage for stage in cell.stages if isinstance(stage, Denoise)] for cell in drawn]
    sizes = [[(stage.width, stage.height) for stage in each] for each in passes]
    assert sizes == [[(256, 256)], [(256, 256), (384, 384)], [(512, 320)], [(512, 320), (768, 512)]]
    assert passes[1][1].strength == HIRES_STRENGTH
    once = build_request(ImagineOptions(prompt="a red fox", seed=5, size="256", hires=1.5), SPEC, Random(0))
    assert drawn[1].stages == once.stages


def test_strength_varies_where_there_is_a_picture() -> None:
    image = Input(sha256="a" * 64, width=512, height=512)
    options = PictureGridOptions(prompt="a fox", x="strength 0.2, 1", y="hires none, 2", image=image)
    request = build_request(options, SPEC, Random(0))
    strengths = [
        [stage.strength for stage in image_request(request, index).stages if isinstance(stage, Denoise)]
        for index in range(4)
    ]
    assert strengths == [[0.2], [1.0], [0.2, HIRES_STRENGTH], [1.0, HIRES_STRENGTH]]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"x": "model other, tiny"}, "a whole number from 1 to 10"),
        ({"x": "model other", "steps": 5, "size": "1024"}, "512x512 would do"),
        ({"x": "model nothing"}, "choose one of"),
        ({"x": "size 100"}, "would do"),
        ({"x": "hires 3"}, "would do"),
        ({"x": "hires 0.5"}, "from 1 to 4"),
        ({"x": "style photo", "style": "anime"}, "x varies that already"),
        ({"x": "style Nonsense"}, "choose one of none"),
        ({"x": "clip skip 0"}, "whole number"),
        ({"x": "lora 0.5"}, "name a LoRA"),
        ({"x": "lora ink 9"}, "from -4 to 4"),
        ({"x": "strength 0.5"}, "needs a picture"),
        ({"x": "clip 1, 2"}, "choose one of"),
    ],
)
def test_values_that_will_not_do(options: dict[str, Any], told: str) -> None:
    with pytest.raises(BadOption) as error:
        grid(models=[SPEC, OTHER], **options)
    assert told in str(error.value) + error.value.allowed
