"""Canvases for outpainting: the picture untouched in its place, masks that say what is new."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PIL import Image

from core.canvas import Canvas, Extension, extended, panned, zoomed_out
from core.errors import BadOption
from core.masks import fitting_mask
from tests.core.test_options import SPEC

SPEC_64 = replace(SPEC, native_side=64, side_multiple=8, min_side=32, max_side=128)
NOISE = Image.effect_noise((64, 64), 80).convert("RGB")


def kept(mask: Image.Image) -> tuple[int, int, int, int] | None:
    """The box that a mask leaves as it is."""
    return mask.point(lambda value: 255 - value).getbbox()


def check(canvas: Canvas, size: tuple[int, int], box: tuple[int, int, int, int]) -> None:
    assert canvas.image.size == canvas.mask.size == canvas.change.size == size
    assert kept(canvas.change) == box


@pytest.mark.parametrize(
    ("by", "size", "corner"),
    [
        (Extension(left=32), (96, 64), (32, 0)),
        (Extension(right=16, down=8), (80, 72), (0, 0)),
        # Neither whole steps nor what the model draws matter.
        (Extension(left=3), (67, 64), (3, 0)),
        (Extension(left=99, right=200, up=7), (363, 71), (99, 7)),
    ],
)
def test_the_picture_lies_untouched_in_its_place(
    by: Extension, size: tuple[int, int], corner: tuple[int, int]
) -> None:
    canvas = extended(NOISE, by, SPEC_64)
    box = (*corner, corner[0] + 64, corner[1] + 64)
    check(canvas, size, box)
    assert canvas.image.crop(box).tobytes() == NOISE.tobytes()


def test_what_is_painted_reaches_a_little_into_the_picture_where_something_is_added() -> None:
    assert kept(extended(NOISE, Extension(left=32), SPEC_64).mask) == (48, 0, 96, 64)


def test_what_is_painted_of_a_picture_grows_with_a_canvas_that_is_drawn_smaller() -> None:
    canvas = extended(NOISE.resize((256, 256)), Extension(left=256), SPEC_64)
    check(canvas, (512, 256), (256, 0, 512, 256))
    left, *_ = kept(canvas.mask) or ()
    assert left - 256 == pytest.approx(16 * 512 / 88, abs=1), "it is drawn 88 pixels wide"


def test_no_canvas_is_larger_than_a_picture_may_be() -> None:
    canvas = extended(NOISE, Extension(left=2048, right=2048 + 4096 - 64), SPEC_64)
    check(canvas, (4096, 32), (1024, 0, 1056, 32))
    with pytest.raises(BadOption, match="at least one side"):
        extended(NOISE, Extension(), SPEC_64)


def test_zooming_out_keeps_the_size() -> None:
    check(zoomed_out(NOISE.resize((61, 45)), 2.0, SPEC_64), (61, 45), (15, 11, 45, 33))
    check(zoomed_out(NOISE, 2.0, SPEC_64), (64, 64), (16, 16, 48, 48))


@pytest.mark.parametrize(
    ("across", "down", "size", "box"),
    [
        (1, 0, (96, 64), (0, 0, 64, 64)),
        (-1, 0, (96, 64), (32, 0, 96, 64)),
        (0, 1, (64, 96), (0, 0, 64, 64)),
        (0, -1, (64, 96), (0, 32, 64, 96)),
    ],
)
def test_panning_adds_half_a_picture(
    across: int, down: int, size: tuple[int, int], box: tuple[int, int, int, int]
) -> None:
    canvas = panned(NOISE, across=across, down=down, spec=SPEC_64)
    check(canvas, size, box)
    assert canvas.image.crop(box).tobytes() == NOISE.tobytes()


def test_at_the_models_limit_panning_leaves_the_far_side_out() -> None:
    wide = NOISE.resize((128, 64))
    right, left = (panned(wide, across=across, down=0, spec=SPEC_64) for across in (1, -1))
    check(right, (128, 64), (0, 0, 64, 64))
    assert right.image.crop((0, 0, 64, 64)).tobytes() == wide.crop((64, 0, 128, 64)).tobytes()
    check(left, (128, 64), (64, 0, 128, 64))
    assert left.image.crop((64, 0, 128, 64)).tobytes() == wide.crop((0, 0, 64, 64)).tobytes()


def test_around_the_picture_its_edges_go_on() -> None:
    image = Image.new("RGB", (64, 64), "red")
    filled = extended(image, Extension(left=32, up=32), SPEC_64).image
    assert filled.getpixel((4, 4)) == filled.getpixel((4, 80)) == (255, 0, 0)


def test_a_mask_takes_its_pictures_size() -> None:
    mask = Image.new("L", (32, 32))
    mask.paste(255, (16, 0, 32, 32))
    fitting = fitting_mask(mask, (64, 64), name="mask.png")
    assert fitting.size == (64, 64) and (fitting.getpixel((2, 9)), fitting.getpixel((60, 9))) == (0, 255)
    with pytest.raises(BadOption, match="same shape"):
        fitting_mask(mask, (64, 32), name="mask.png")
    with pytest.raises(BadOption, match="nothing in it is white"):
        fitting_mask(Image.new("L", (64, 64), 90), (64, 64), name="mask.png")
