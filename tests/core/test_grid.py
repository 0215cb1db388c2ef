"""Grids: what each image is, and what all of them take."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import pytest

from core.errors import BadOption
from core.grid import image_calls, image_label, image_request, total_calls
from core.options.drawing import build_request
from core.options.grid import GridOptions
from core.price import image_price, total_work
from core.request import Request
from core.stages import Denoise, Variation
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
