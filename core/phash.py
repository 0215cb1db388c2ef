"""A perceptual hash: pictures that look the same have hashes that differ in few bits.

pHash (C. Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions", 2010): the picture in
32×32 greys, its discrete cosine transform, and of the 63 lowest frequencies but the mean whether each is
above their median. Written out in Python, as the bot has no numpy; it takes a few milliseconds.
"""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import median

from PIL import Image

_SIDE = 32
_LOW = 8
#: Two pictures are one where their hashes differ in this many bits of 63 at most; see docs/moderation.md.
SAME_WITHIN = 8
#: Below this (grey levels of the strongest frequency) a picture shows nothing that could be told apart.
_LEAST_CONTRAST = 1.0


def phash(image: Image.Image) -> int | None:
    """63 bits, 0 to 2**63 - 1; None where the picture is all but of one colour.

    Args:
        image: any size of 8 bits a channel.
    """
    small = image.convert("L").resize((_SIDE, _SIDE), Image.Resampling.BOX)
    pixels = list(small.getdata())
    across = [_dct(pixels[row * _SIDE : (row + 1) * _SIDE]) for row in range(_SIDE)]
    down = [_dct([line[column] for line in across]) for column in range(_LOW)]
    frequencies = [value for column in down for value in column][1:]
    if max(map(abs, frequencies)) < _LEAST_CONTRAST:
        return None
    middle = median(frequencies)
    return sum(1 << bit for bit, value in enumerate(frequencies) if value > middle)


def looks_same(one: int, other: int) -> bool:
    """Whether two hashes are of one picture."""
    return (one ^ other).bit_count() <= SAME_WITHIN


def _dct(values: list[float]) -> list[float]:
    """The lowest frequencies (DCT-II, scaled to the values' own unit)."""
    return [sum(a * b for a, b in zip(values, wave, strict=True)) * 2 / _SIDE for wave in _waves()]


@lru_cache(maxsize=1)
def _waves() -> list[list[float]]:
    return [
        [math.cos(math.pi * frequency * (2 * place + 1) / (2 * _SIDE)) for place in range(_SIDE)]
        for frequency in range(_LOW)
    ]
