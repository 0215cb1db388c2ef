"""Pictures through an upscaler tile by tile, so that memory does not grow with the picture."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from core.words import N_
from models.engine.api import ImageFailed
from models.engine.slices import Slices
from models.upscalers.rrdb import RRDBNet

#: Sides of a tile and of what it sees around it, px. Beyond the margin a pixel's influence is too faint to
#: leave a seam in eight bits.
TILE, MARGIN = 256, 32
#: What Lanczos' filter reaches beyond a tile that is scaled down, px: three of the result's, each of which is
#: no larger than one of the picture's.
_REACH = 3

#: Left, top, right and bottom edge.
Box = tuple[int, int, int, int]


def enlarge(network: RRDBNet, picture: Image.Image, most: tuple[int, int]) -> Slices[Image.Image]:
    """An RGB picture, its sides `network.factor` times as long, but no longer than `most`.

    What the network makes larger than that is scaled down tile by tile, and is never there as a whole.

    Args:
        most: (width, height) in pixels, both the same number of times the picture's.

    Raises:
        ImageFailed: some values are no numbers.
    """
    size = (min(picture.width * network.factor, most[0]), min(picture.height * network.factor, most[1]))
    large = Image.new("RGB", size)
    around = _around(picture, network.fold)
    for top in range(0, picture.height, TILE):
        for left in range(0, picture.width, TILE):
            tile = (left, top, min(left + TILE, picture.width), min(top + TILE, picture.height))
            said = yield from network.slices(_seen(network, around, tile))
            x, y, right, bottom = (edge * size[0] // picture.width for edge in tile)
            large.paste(_scaled(said, network.factor, tile, picture.size, (right - x, bottom - y)), (x, y))
            yield
    return large


def _around(picture: Image.Image, fold: int) -> NDArray[np.uint8]:
    """The picture with its edges carried on by a margin, and by what a fold may want beyond it."""
    margin = (MARGIN, MARGIN + fold)
    return np.pad(np.asarray(picture), (margin, margin, (0, 0)), mode="edge")


def _seen(network: RRDBNet, around: NDArray[np.uint8], tile: Box) -> torch.Tensor:
    """A tile and its margin, to multiples of the network's fold, as it reads them."""
    left, top, right, bottom = tile
    # It lies at the same place of `around`, MARGIN further down and right.
    rows, columns = bottom - top + 2 * MARGIN, right - left + 2 * MARGIN
    rows, columns = rows + -rows % network.fold, columns + -columns % network.fold
    values = around[top : top + rows, left : left + columns].astype(np.float32) / 255
    device = next(network.parameters()).device
    return torch.from_numpy(values).permute(2, 0, 1)[None].contiguous().to(device)


def _scaled(
    said: torch.Tensor, factor: int, tile: Box, picture: tuple[int, int], size: tuple[int, int]
) -> Image.Image:
    """What the network said of a tile, without the margin, in eight bits, of this size.

    Args:
        picture: its (width, height) in pixels, where the filter reaches no further.
    """
    left, top, right, bottom = tile
    x, y = max(0, left - _REACH), max(0, top - _REACH)
    columns, rows = (
        slice((first - edge + MARGIN) * factor, (last - edge + MARGIN) * factor)
        for first, edge, last in (
            (x, left, min(picture[0], right + _REACH)),
            (y, top, min(picture[1], bottom + _REACH)),
        )
    )
    values = said[0, :, rows, columns].cpu()
    if not torch.isfinite(values).all():
        raise ImageFailed(N_("The numbers of this picture overflowed. Another upscaler may do it."))
    shown = Image.fromarray((values.clamp(0, 1) * 255).round().byte().permute(1, 2, 0).numpy())
    inner = tuple(edge * factor for edge in (left - x, top - y, right - x, bottom - y))
    return shown.resize(size, Image.Resampling.LANCZOS, box=inner)
