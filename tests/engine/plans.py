"""Models on machines of little memory, as their plans have them drawn."""

from __future__ import annotations

from dataclasses import replace

from models.catalogue import LocalModel
from models.plans import Curve, MemoryPlan, Needs, Way

_FLAT = Curve(constant=0.0, linear=1.0, square=0.0)
_STEEP = Curve(constant=0.0, linear=1.0, square=1.0)


def drawn(model: LocalModel, way: Way) -> LocalModel:
    """The model on a machine whose memory has it draw everything in one way."""
    needs = Needs(
        unet=1,
        vae=1,
        text=1,
        denoising=_STEEP,
        decoding=_STEEP,
        sliced_denoising=_FLAT,
        sliced_decoding=_FLAT,
        tiled_decoding=_FLAT,
    )
    most = tuple(10**9 if other >= place else 0 for other, place in _places(way))
    return replace(model, plan=MemoryPlan(needs=needs, budget=10**9, most=most))


def _places(way: Way) -> list[tuple[int, int]]:
    ways = list(Way)
    return [(number, ways.index(way)) for number in range(len(ways))]
