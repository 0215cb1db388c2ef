"""How a model is drawn with on a machine of some memory: which pictures whole, which in a saving way.

The peaks of a model's calls (`models.fits`) and a budget make a plan, a value that says for each number of
pixels the first way that fits: whole; with attention sliced; with the autoencoder tile by tile; with only
the part that works on the device. What no way fits is refused, and never offered.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from core.model_spec import ModelSpec


class Way(StrEnum):
    """How a picture is drawn, the fastest way first; each saves what those before it save."""

    PLAIN = "plain"
    #: Attention is computed head by head, where it would make a matrix of its own.
    SLICED = "sliced"
    #: The autoencoder works tile by tile.
    TILED = "tiled"
    #: Only the part that works lies on the device.
    OFFLOADED = "offloaded"


@dataclass(frozen=True, kw_only=True)
class Curve:
    """Peak of a call in bytes: constant + linear * pixels + square * pixels^2.

    Feature maps grow with the pixels, matrices of attention with their square.
    """

    constant: float
    linear: float
    square: float

    def at(self, pixels: int) -> int:
        return math.ceil(self.constant + pixels * (self.linear + pixels * self.square))

    @classmethod
    def through(cls, points: Sequence[tuple[int, int]]) -> Curve:
        """The curve through three points (pixels, bytes) (Newton's divided differences)."""
        (x0, y0), (x1, y1), (x2, y2) = points
        first, second = (y1 - y0) / (x1 - x0), (y2 - y1) / (x2 - x1)
        square = (second - first) / (x2 - x0)
        linear = first - square * (x0 + x1)
        return cls(constant=y0 - x0 * (linear + square * x0), linear=linear, square=square)


@dataclass(frozen=True, kw_only=True)
class Needs:
    """What a base model takes, in bytes: its weights, and the peaks of one picture's calls with guidance."""

    unet: int
    vae: int
    text: int
    denoising: Curve
    decoding: Curve
    sliced_denoising: Curve
    sliced_decoding: Curve
    #: Of the autoencoder that works tile by tile.
    tiled_decoding: Curve

    @property
    def weights(self) -> int:
        return self.unet + self.vae + self.text

    @property
    def slicing_saves(self) -> bool:
        """False where attention makes no matrix anyway."""
        return self.sliced_denoising != self.denoising or self.sliced_decoding != self.decoding

    def takes(self, way: Way, pixels: int, rows: int = 1) -> int:
        """Bytes on the device while pictures of so many pixels are drawn in a way, `rows` at once."""
        denoising = self.denoising if way is Way.PLAIN else self.sliced_denoising
        called, decoded = rows * denoising.at(pixels), self.decoded(way, pixels)
        if way is Way.OFFLOADED:
            return max(self.unet + called, self.vae + decoded, self.text)
        return self.weights + max(called, decoded)

    def decoded(self, way: Way, pixels: int) -> int:
        """Bytes of the autoencoder's call for a picture of so many pixels, besides weights."""
        decoding = {Way.PLAIN: self.decoding, Way.SLICED: self.sliced_decoding}.get(way, self.tiled_decoding)
        return decoding.at(pixels)


@dataclass(frozen=True, kw_only=True)
class MemoryPlan:
    """Which pictures are drawn in which way."""

    needs: Needs
    #: Bytes for weights and calls together.
    budget: int
    #: Most pixels that each way draws, in the order of `Way`; none draws less than those before it.
    most: tuple[int, ...]

    @property
    def max_pixels(self) -> int:
        """Most pixels of a picture that fits in any way; 0 where none does."""
        return self.most[-1]

    def way(self, pixels: int) -> Way | None:
        """The first way in which a picture of so many pixels fits; None where none does."""
        return next((way for way, most in zip(Way, self.most, strict=True) if pixels <= most), None)

    def working(self, pixels: int, whole: int = 0) -> int:
        """Bytes besides the weights that are at rest while such a picture is drawn.

        Args:
            pixels: of the largest picture that the UNet is called for.
            whole: of the picture that the autoencoder makes, where the UNet sees tiles of a larger one.
        """
        whole = max(whole, pixels)
        way, put_together = (self.way(size) or Way.OFFLOADED for size in (pixels, whole))
        at_rest = self.needs.vae if way is Way.OFFLOADED else self.needs.weights
        decoded = at_rest + self.needs.decoded(put_together, whole)
        return max(0, max(self.needs.takes(way, pixels), decoded) - self.needs.weights)

    def rows(self, pixels: int) -> int:
        """How many pictures fit in one UNet call, at least 1."""
        way = self.way(pixels) or Way.OFFLOADED
        fits = range(2, 17)
        return bisect_right(fits, self.budget, key=lambda rows: self.needs.takes(way, pixels, rows)) + 1

    def __str__(self) -> str:
        """The plan as logs name it, like "plain up to 768x768, tiled up to 1024x1024"."""
        sides = {way: math.isqrt(most) for way, most in zip(Way, self.most, strict=True)}
        told = [f"{way} up to {side}x{side}" for way, side in sides.items()]
        before = [0, *sides.values()]
        return ", ".join(one for one, a, b in zip(told, before, sides.values(), strict=False) if b > a)


def plan_for(needs: Needs, budget: int, most_pixels: int) -> MemoryPlan:
    """The plan for a budget in bytes; no picture is larger than `most_pixels`."""
    sizes = range(1, most_pixels + 1)
    most, largest = [], 0
    for way in Way:
        fitting = bisect_right(sizes, budget, key=lambda pixels: needs.takes(way, pixels))
        largest = max(largest, fitting)
        most.append(largest)
    return MemoryPlan(needs=needs, budget=budget, most=tuple(most))


def limited(spec: ModelSpec, plan: MemoryPlan) -> ModelSpec | None:
    """The model with the limits that this machine sets; None where not even its smallest picture fits."""
    if plan.max_pixels < spec.min_side**2:
        return None
    way = plan.way(min(spec.native_side**2, plan.max_pixels))
    if plan.max_pixels >= spec.max_side**2:
        return replace(spec, memory=str(way))
    longest = plan.max_pixels // spec.min_side // spec.side_multiple * spec.side_multiple
    return replace(spec, memory=str(way), max_pixels=plan.max_pixels, max_side=min(spec.max_side, longest))
