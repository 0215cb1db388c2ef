"""Pictures through an upscaler tile by tile, so that memory does not grow with the picture."""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image
from torch.nn.functional import pad

from core.words import N_
from models.engine.api import ImageFailed
from models.upscalers.rrdb import RRDBNet

#: Sides of a tile and of what it sees around it, px. Beyond the margin a pixel's influence is too faint to
#: leave a seam in eight bits.
TILE, MARGIN = 256, 32


def enlarge(network: RRDBNet, picture: Image.Image) -> Image.Image:
    """An RGB picture, its sides `network.factor` times as long.

    Raises:
        ImageFailed: some values are no numbers.
    """
    device = next(network.parameters()).device
    pixels = torch.from_numpy(np.array(picture, np.float32) / 255).permute(2, 0, 1)[None].to(device)
    height, width = pixels.shape[2:]
    factor = network.factor
    large = torch.empty(1, 3, height * factor, width * factor)
    around = _around(pixels, network.fold)
    for top in range(0, height, TILE):
        for left in range(0, width, TILE):
            rows, columns = min(TILE, height - top), min(TILE, width - left)
            # The tile lies at the same place of `around`, MARGIN further down and right.
            bottom, right = top + rows + 2 * MARGIN, left + columns + 2 * MARGIN
            bottom += -(bottom - top) % network.fold
            right += -(right - left) % network.fold
            said = network(around[:, :, top:bottom, left:right])
            inner = said[:, :, MARGIN * factor :, MARGIN * factor :][
                :, :, : rows * factor, : columns * factor
            ]
            large[:, :, top * factor : (top + rows) * factor, left * factor : (left + columns) * factor] = (
                inner.cpu()
            )
    if not torch.isfinite(large).all():
        raise ImageFailed(N_("The numbers of this picture overflowed. Another upscaler may do it."))
    return Image.fromarray((large[0].clamp(0, 1) * 255).round().byte().permute(1, 2, 0).numpy())


def _around(pixels: torch.Tensor, fold: int) -> torch.Tensor:
    """The picture with its edges carried on by a margin, and by what a fold may want beyond it."""
    return pad(pixels, (MARGIN, MARGIN + fold, MARGIN, MARGIN + fold), mode="replicate")
