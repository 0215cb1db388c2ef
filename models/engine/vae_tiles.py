"""The autoencoder tile by tile, a slice of work each; tiles overlap, and each fades into the next.

The numbers are those of diffusers' tiled encoding and decoding, which do all tiles at a stretch.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import torch

from models.engine.slices import Slices

if TYPE_CHECKING:
    from diffusers.models import AutoencoderKL


def tile_by_tile(
    vae: AutoencoderKL,
    call: Callable[[torch.Tensor], torch.Tensor],
    given: torch.Tensor,
    side: int,
    made: int,
) -> Slices[torch.Tensor]:
    """What `call` makes of (1, channels, height, width); what is no larger than a tile is one call.

    Args:
        side: of a tile, in elements of `given`.
        made: of what `call` makes of it.
    """
    if max(given.shape[2:]) <= side:
        return call(given)
    step, fade = int(side * (1 - vae.tile_overlap_factor)), int(made * vae.tile_overlap_factor)
    bands: list[torch.Tensor] = []
    above: list[torch.Tensor] = []
    for top in range(0, given.shape[2], step):
        row: list[torch.Tensor] = []
        for left in range(0, given.shape[3], step):
            tile = call(given[:, :, top : top + side, left : left + side])
            # They are changed in place, so that each fades into what its neighbours became.
            if above:
                tile = vae.blend_v(above[len(row)], tile, fade)
            if row:
                tile = vae.blend_h(row[-1], tile, fade)
            row.append(tile)
            yield
        bands.append(torch.cat([tile[:, :, : made - fade, : made - fade] for tile in row], dim=3))
        above = row
    return torch.cat(bands, dim=2)
