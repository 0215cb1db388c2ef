"""Adapters that turn a layer's outputs: OFT (Qiu et al. 2023) and BOFT (Liu et al. 2024), as LyCORIS and
kohya's scripts write them.

Both learn small rotations by the Cayley transform R = (1 + Q) (1 - Q)^-1 of skew-symmetric Q, so that the
lengths of the weight's columns stay. At a weight other than 1 what they add is scaled as a whole.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from models.adapters.patches import Dense, Layer


@dataclass(frozen=True, kw_only=True, eq=False)
class Blocks(Dense):
    """OFT: the outputs in blocks, each turned by itself."""

    #: (blocks, size, size), float32.
    rotations: torch.Tensor
    #: Factors on the outputs, or None.
    rescale: torch.Tensor | None

    def delta(self, layer: Layer) -> torch.Tensor:
        own = layer.weight.float()
        blocks, size, _ = self.rotations.shape
        turned = torch.einsum("knm,kn...->km...", self.rotations, own.reshape(blocks, size, *own.shape[1:]))
        return _difference(layer, turned.reshape(own.shape), self.rescale)


@dataclass(frozen=True, kw_only=True, eq=False)
class Butterfly(Dense):
    """BOFT: blocks in several rounds, of outputs that stand twice as far apart in each."""

    #: (rounds, blocks, size, size), float32.
    rotations: torch.Tensor
    rescale: torch.Tensor | None

    def delta(self, layer: Layer) -> torch.Tensor:
        turned = layer.weight.float()
        size = self.rotations.shape[-1]
        for number, rotation in enumerate(self.rotations):
            apart = 2**number * size // 2
            inner = turned.shape[1:]
            # Pairs of outputs that stand so far apart come to stand side by side, are turned, and go back.
            together = turned.reshape(-1, 2, apart, *inner).transpose(1, 2).reshape(-1, size, *inner)
            together = torch.einsum("bij,bj...->bi...", rotation, together)
            turned = together.reshape(-1, apart, 2, *inner).transpose(1, 2).reshape(turned.shape)
        return _difference(layer, turned, self.rescale)


def make_rotation(
    blocks: torch.Tensor, constraint: float, rescale: torch.Tensor | None
) -> Blocks | Butterfly:
    """The patch of `oft_blocks`: (blocks, size, size), or for BOFT (rounds, blocks, size, size).

    Args:
        constraint: most that Q may be in all (Frobenius norm) for each output; 0 is no limit.

    Raises:
        KeyError: the blocks are of another shape.
    """
    if blocks.ndim not in (3, 4) or blocks.shape[-1] != blocks.shape[-2]:
        raise KeyError(f"oft_blocks of shape {tuple(blocks.shape)}")
    skew = blocks.float() - blocks.float().transpose(-1, -2)
    most = constraint * blocks.shape[-3] * blocks.shape[-2]
    norm = torch.linalg.vector_norm(skew)
    if 0 < most < norm:
        skew = skew * (most / norm)
    one = torch.eye(skew.shape[-1], device=skew.device)
    # (1 + Q) and (1 - Q)^-1 commute.
    rotations = torch.linalg.solve(one - skew, one + skew)
    kind = Blocks if blocks.ndim == 3 else Butterfly
    return kind(rotations=rotations, rescale=rescale)


def _difference(layer: Layer, turned: torch.Tensor, rescale: torch.Tensor | None) -> torch.Tensor:
    if rescale is not None:
        turned = turned * rescale.float().reshape(-1, *[1] * (turned.ndim - 1))
    return (turned - layer.weight.float()).to(layer.weight.dtype)
