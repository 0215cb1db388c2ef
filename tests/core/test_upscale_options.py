"""What a latent upscaler may be asked for: no more than it and the workers' memory allow."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from core.errors import BadOption
from core.inputs import Input
from core.model_spec import ModelSpec
from core.needs import models_called
from core.options.drawing import build_request
from core.options.upscale import DetailOptions, UpscaleOptions, Way, latent_request
from core.stages import DenoiseTiles
from tests.model_specs import model_spec

OPTIONS = UpscaleOptions(way=Way.LATENT)
SPEC = model_spec(
    "x2",
    "Twice",
    architecture="latent-upscaler",
    native_side=1024,
    side_multiple=64,
    min_side=128,
    max_side=2048,
    default_guidance_scale=1.0,
)


def _size(width: int, height: int, spec: ModelSpec = SPEC) -> tuple[int, int] | None:
    source = Input(sha256="a" * 64, width=width, height=height)
    return latent_request(OPTIONS, source, spec, 1).size


def test_sides_are_such_as_it_can_halve() -> None:
    assert _size(1024, 700) == (2048, 1408)
    assert _size(8, 50) == (128, 128)


def test_what_is_too_large_for_it_or_for_the_memory_is_refused() -> None:
    with pytest.raises(BadOption, match="up to 2048x2048 pixels, and this would be 8192x8192"):
        _size(4096, 4096)
    tight = replace(SPEC, max_pixels=1024**2)
    assert _size(512, 512, tight) == (1024, 1024)
    with pytest.raises(BadOption, match="up to 1024x1024 pixels, and this would be 2048x1024"):
        _size(1024, 512, tight)


@pytest.mark.parametrize(("max_pixels", "side"), [(None, 64), (64 * 64, 64), (60 * 60, 56), (32 * 32, 32)])
def test_tiles_are_as_large_as_the_memory_allows(max_pixels: int | None, side: int) -> None:
    spec = model_spec(max_pixels=max_pixels)
    assert (spec.native_side, spec.side_multiple, spec.min_side) == (64, 8, 32)
    source = Input(sha256="a" * 64, width=100, height=80)
    options = DetailOptions(prompt="", image=source, large=(400, 320), scale=4, upscaler=None)
    request = build_request(options, spec, Random(1))
    tiles = request.denoise
    assert isinstance(tiles, DenoiseTiles) and (tiles.width, tiles.height) == (400, 320)
    assert tiles.tile == side and abs(tiles.overlap - side / 4) <= 4
    assert models_called(request) == {spec.name: side * side}
