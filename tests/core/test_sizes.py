"""Sizes within what a worker's memory has room for."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PIL import Image

from core.canvas import panned
from core.errors import BadOption
from core.sizes import scaled_size, size_for_aspect, size_for_ratio, size_like, typed_size
from tests.core.test_options import SPEC

#: Draws squares of 512 though 1024 would be its longest side.
SMALL = replace(SPEC, native_side=768, side_multiple=8, min_side=64, max_side=1024, max_pixels=512 * 512)


@pytest.mark.parametrize(
    ("typed", "would_do"), [("1024x1024", "512x512"), ("520x512", "512x504"), ("768x1024", "440x584")]
)
def test_too_many_pixels_are_refused_with_what_would_do(typed: str, would_do: str) -> None:
    with pytest.raises(BadOption, match=f"as large as 512x512; {would_do} would do") as refused:
        typed_size(typed, SMALL)
    assert refused.value.option == "size"
    width, height = typed_size(would_do, SMALL)
    assert SMALL.has_room(width, height)


def test_long_pictures_fit_where_squares_of_their_side_do_not() -> None:
    assert typed_size("1024x256", SMALL) == (1024, 256)


def test_shapes_and_the_native_size_are_made_to_fit() -> None:
    assert size_for_ratio(1.0, SMALL) == (512, 512)
    assert size_for_ratio(1.0, replace(SMALL, max_pixels=None)) == (768, 768)
    for aspect in ("1:1", "3:2", "2:3", "16:9", "9:16", "4:1"):
        width, height = size_for_aspect(aspect, SMALL)
        assert SMALL.has_room(width, height) and width * height > 0.7 * 512**2
        assert width % 8 == height % 8 == 0
    assert size_like(1000, 1000, SMALL) == (512, 512)


def test_a_factor_is_refused_with_one_that_would_do() -> None:
    with pytest.raises(BadOption, match=r"; 1\.6 would do"):
        scaled_size("hires", (320, 320), 2.0, SMALL)
    assert scaled_size("hires", (320, 320), 1.6, SMALL) == (512, 512)


def test_a_view_moves_as_far_as_there_is_room() -> None:
    assert panned(Image.new("RGB", (512, 512)), across=1, down=0, spec=SMALL).image.size == (512, 512)
    assert panned(Image.new("RGB", (512, 256)), across=1, down=0, spec=SMALL).image.size == (768, 256)
