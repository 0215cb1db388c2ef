"""Variations of variations: kept with their way, and only so far."""

from __future__ import annotations

import pytest

from core.errors import BadOption
from core.stage_json import stage_from_json, stage_to_json
from core.stages import MAX_VARIATIONS, Denoise, Variation


def chain(length: int) -> Variation:
    variation = Variation(seed=0, strength=0.5)
    for seed in range(1, length):
        variation = Variation(seed=seed, strength=0.5, base=variation)
    return variation


def test_the_way_of_a_variation_survives_storage() -> None:
    denoise = Denoise(
        sampler="Euler",
        schedule="normal",
        steps=5,
        guidance_scale=5,
        width=64,
        height=64,
        variation=chain(3),
    )
    assert stage_from_json(stage_to_json(denoise)) == denoise
    assert chain(3).depth == 3


def test_variations_end_somewhere() -> None:
    chain(MAX_VARIATIONS)
    with pytest.raises(BadOption, match="earlier picture"):
        chain(MAX_VARIATIONS + 1)
