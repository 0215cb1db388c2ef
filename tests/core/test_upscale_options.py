"""What a latent upscaler may be asked for: no more than it and the workers' memory allow."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.errors import BadOption
from core.inputs import Input
from core.model_spec import ModelSpec
from core.options.upscale import UpscaleOptions, Way, latent_request
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
