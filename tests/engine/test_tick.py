"""Guidance, to the last bit as diffusers has it."""

from __future__ import annotations

import pytest
import torch

from models.engine.tick import guided

_SCALES = (7.3, 1.1, 3.7)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_guidance_is_not_rounded_to_half_precision(dtype: torch.dtype) -> None:
    """Of three rows in a call of width four."""
    halves = torch.randn(8, 4, 4, 4, generator=torch.Generator().manual_seed(0)).to(dtype)
    predictions = guided(halves, _SCALES)
    assert predictions.dtype is dtype
    assert len(predictions) == len(_SCALES)
    for number, scale in enumerate(_SCALES):
        negative, positive = halves[number], halves[number + 4]
        # The stock pipeline's own line.
        assert torch.equal(predictions[number], negative + scale * (positive - negative))
