"""The autoencoder of CodeFormer, after VQGAN (Esser et al. 2021, arXiv:2012.09841), in its file's key names.

All layers of encoder and generator lie in one list each, ``blocks``; where one halves or doubles the sides is
told by its class.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate, pad, silu

#: Residual blocks a level.
_BLOCKS = 2
_GROUPS = 32


def normalize(channels: int) -> nn.GroupNorm:
    return nn.GroupNorm(_GROUPS, channels, eps=1e-6)


class ResBlock(nn.Module):
    def __init__(self, inside: int, outside: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = normalize(inside), normalize(outside)
        self.conv1 = nn.Conv2d(inside, outside, 3, padding=1)
        self.conv2 = nn.Conv2d(outside, outside, 3, padding=1)
        if inside != outside:
            self.conv_out = nn.Conv2d(inside, outside, 1)

    def forward(self, x: Tensor) -> Tensor:
        said = self.conv2(silu(self.norm2(self.conv1(silu(self.norm1(x))))))
        return said + (self.conv_out(x) if hasattr(self, "conv_out") else x)


class AttnBlock(nn.Module):
    """Every position looks at all others."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = normalize(channels)
        self.q, self.k, self.v, self.proj_out = (nn.Conv2d(channels, channels, 1) for _ in range(4))

    def forward(self, x: Tensor) -> Tensor:
        normed = self.norm(x)
        q, k, v = (part(normed).flatten(2) for part in (self.q, self.k, self.v))
        looks = torch.softmax(q.transpose(1, 2) @ k * q.shape[1] ** -0.5, dim=2)
        return x + self.proj_out((v @ looks.transpose(1, 2)).view_as(x))


class Downsample(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(pad(x, (0, 1, 0, 1)))


class Upsample(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(interpolate(x, scale_factor=2.0, mode="nearest"))


class Blocks(nn.Module):
    """Layers one after the other."""

    def __init__(self, blocks: Sequence[nn.Module]) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(blocks)


def encoder(widths: Sequence[int], codes: int) -> Blocks:
    """(n, 3, side, side) to (n, codes, s, s), each level after the first half as large.

    Args:
        widths: channels of each level, the largest pictures first; the last attends.
    """
    blocks: list[nn.Module] = [nn.Conv2d(3, widths[0], 3, padding=1)]
    before = widths[0]
    for level, width in enumerate(widths):
        last = level == len(widths) - 1
        blocks += _level(before, width, attends=last)
        blocks += [] if last else [Downsample(width)]
        before = width
    blocks += _middle(before)
    return Blocks([*blocks, normalize(before), nn.Conv2d(before, codes, 3, padding=1)])


def generator(widths: Sequence[int], codes: int) -> Blocks:
    """The way back. `widths` as in `encoder`."""
    before = widths[-1]
    blocks: list[nn.Module] = [nn.Conv2d(codes, before, 3, padding=1), *_middle(before)]
    for level, width in reversed(list(enumerate(widths))):
        blocks += _level(before, width, attends=level == len(widths) - 1)
        blocks += [Upsample(width)] if level else []
        before = width
    return Blocks([*blocks, normalize(before), nn.Conv2d(before, 3, 3, padding=1)])


def _level(before: int, width: int, *, attends: bool) -> list[nn.Module]:
    blocks: list[nn.Module] = []
    for number in range(_BLOCKS):
        blocks.append(ResBlock(width if number else before, width))
        blocks += [AttnBlock(width)] if attends else []
    return blocks


def _middle(width: int) -> list[nn.Module]:
    return [ResBlock(width, width), AttnBlock(width), ResBlock(width, width)]
