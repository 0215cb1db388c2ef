"""The first noise of variations of variations."""

from __future__ import annotations

import torch

from core.stages import Variation
from models.engine.noise import slerp, varied


def noise(seed: int) -> torch.Tensor:
    return torch.randn((1, 4, 8, 8), generator=torch.Generator().manual_seed(seed))


def test_the_noise_is_moved_by_the_earliest_variation_first() -> None:
    once = Variation(seed=1, strength=0.3)
    twice = Variation(seed=2, strength=0.5, base=once)
    first = slerp(noise(0), noise(1), 0.3)
    assert torch.equal(varied(noise(0), once), first)
    assert torch.equal(varied(noise(0), twice), slerp(first, noise(2), 0.5))
