"""Guidance, to the last bit as diffusers has it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch

from models.engine import tick

_SCALES = (7.3, 1.1, 3.7, 29.9)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_guidance_is_not_rounded_to_half_precision(
    monkeypatch: pytest.MonkeyPatch, dtype: torch.dtype
) -> None:
    output = torch.randn(8, 4, 4, 4, generator=torch.Generator().manual_seed(0)).to(dtype)
    monkeypatch.setattr(tick, "make_batch", lambda _tick: None)
    monkeypatch.setattr(tick, "call_unet", lambda _tick, _batch: output)
    rows = [SimpleNamespace(key=SimpleNamespace(guided=True), guidance_scale=scale) for scale in _SCALES]
    guided = tick.predict(SimpleNamespace(width=4, rows=rows, lane=SimpleNamespace(proofs={4: True})))
    assert guided.dtype is dtype
    for number, scale in enumerate(_SCALES):
        negative, positive = output[number], output[number + 4]
        # The stock pipeline's own line.
        assert torch.equal(guided[number], negative + scale * (positive - negative))
