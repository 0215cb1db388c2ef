"""Pixel difference networks for edges (Su et al. 2021), in the published shape "table5": configuration carv4.

The weights are `table5_pidinet.pth` of <https://huggingface.co/lllyasviel/Annotators>, converted by
`python -m models convert`. They hold the kernels of pixel differences. A difference of pixels is linear, so
that each such kernel equals an ordinary one (section 3.3): `read_weights` turns them into those.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import nn
from torch.nn.functional import interpolate, max_pool2d, relu

_CHANNELS = 60
_DILATED = 24
#: Blocks of each of the four levels: channels as multiples of the first level's, and how many blocks.
_LEVELS = ((1, 3), (2, 4), (4, 4), (4, 4))
#: The kinds of difference take turns, from the first convolution on: central, angular, radial, none.
_TURNS = ("central", "angular", "radial", "none")

#: The neighbour that each of the nine pixels is compared with, one place further around the middle.
_AROUND = [3, 0, 1, 6, 4, 2, 7, 8, 5]
#: Places in a 5x5 kernel of the eight outer pixels, and of the inner ones on the same rays.
_OUTER = [0, 2, 4, 10, 14, 20, 22, 24]
_INNER = [6, 7, 8, 11, 13, 16, 17, 18]


class Block(nn.Module):
    """A depthwise convolution over pixel differences and a pointwise one, beside a shortcut."""

    def __init__(self, channels_in: int, channels: int, turn: str, *, halves: bool) -> None:
        super().__init__()
        side = 5 if turn == "radial" else 3
        self.halves = halves
        if halves:
            self.shortcut = nn.Conv2d(channels_in, channels, 1)
        self.conv1 = nn.Conv2d(
            channels_in, channels_in, side, padding=side // 2, groups=channels_in, bias=False
        )
        self.conv2 = nn.Conv2d(channels_in, channels, 1, bias=False)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        if self.halves:
            features = max_pool2d(features, 2)
        seen = self.conv2(relu(self.conv1(features)))
        return seen + (self.shortcut(features) if self.halves else features)


class Dilations(nn.Module):
    """Compact dilation: the same features looked at from four distances."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, _DILATED, 1)
        for number, reach in enumerate((5, 7, 9, 11), start=1):
            conv = nn.Conv2d(_DILATED, _DILATED, 3, dilation=reach, padding=reach, bias=False)
            self.add_module(f"conv2_{number}", conv)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        features = self.conv1(relu(features))
        return sum(self.get_submodule(f"conv2_{number}")(features) for number in range(1, 5))


class Attention(nn.Module):
    """Compact spatial attention: where to look."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(_DILATED, 4, 1)
        self.conv2 = nn.Conv2d(4, 1, 3, padding=1, bias=False)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return features * self.conv2(self.conv1(relu(features))).sigmoid()


class Reduce(nn.Module):
    """Features to one channel of edges."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(_DILATED, 1, 1)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return self.conv(features)


class PiDiNet(nn.Module):
    """Pictures (n, 3, height, width) of 0..1, to edges (n, 1, height, width) of 0..1."""

    def __init__(self) -> None:
        super().__init__()
        self.init_block = nn.Conv2d(3, _CHANNELS, 3, padding=1, bias=False)
        for name, (channels_in, channels, turn, halves) in _plan().items():
            self.add_module(name, Block(channels_in, channels, turn, halves=halves))
        self.dilations = nn.ModuleList(Dilations(_CHANNELS * factor) for factor, _ in _LEVELS)
        self.attentions = nn.ModuleList(Attention() for _ in _LEVELS)
        self.conv_reduces = nn.ModuleList(Reduce() for _ in _LEVELS)
        self.classifier = nn.Conv2d(len(_LEVELS), 1, 1)

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        features, edges = self.init_block(pictures), []
        for level in range(len(_LEVELS)):
            for name in _plan():
                if name.startswith(f"block{level + 1}_"):
                    features = self.get_submodule(name)(features)
            seen = self.conv_reduces[level](self.attentions[level](self.dilations[level](features)))
            edges.append(interpolate(seen, pictures.shape[2:], mode="bilinear", align_corners=False))
        return self.classifier(torch.cat(edges, dim=1)).sigmoid()


def read_weights(weights: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The published weights as this module's: no `module.` in names, ordinary kernels for differences."""
    named = {name.removeprefix("module."): weight for name, weight in weights.items()}
    named["init_block.weight"] = _ordinary(named["init_block.weight"], "central")
    for name, (_, _, turn, _) in _plan().items():
        named[f"{name}.conv1.weight"] = _ordinary(named[f"{name}.conv1.weight"], turn)
    return named


def _plan() -> dict[str, tuple[int, int, str, bool]]:
    """Each block's name, channels in and out, kind of difference, and whether it halves the picture."""
    plan: dict[str, tuple[int, int, str, bool]] = {}
    channels_in = _CHANNELS
    for level, (factor, count) in enumerate(_LEVELS, start=1):
        for number in range(1, count + 1):
            # The very first convolution took the first turn, and stands for a block of the first level.
            turn = _TURNS[(len(plan) + 1) % len(_TURNS)]
            halves = level > 1 and number == 1
            plan[f"block{level}_{number}"] = (channels_in, _CHANNELS * factor, turn, halves)
            channels_in = _CHANNELS * factor
    return plan


def _ordinary(kernel: torch.Tensor, turn: str) -> torch.Tensor:
    """The ordinary kernel that does the same as this one (out, in, 3, 3) over differences of pixels."""
    flat = kernel.flatten(2)
    if turn == "central":
        middle = torch.zeros_like(flat)
        middle[..., 4] = flat.sum(dim=2)
        return (flat - middle).view_as(kernel)
    if turn == "angular":
        return (flat - flat[..., _AROUND]).view_as(kernel)
    if turn == "radial":
        wide = flat.new_zeros(*flat.shape[:2], 25)
        wide[..., _OUTER], wide[..., _INNER] = flat[..., 1:], -flat[..., 1:]
        return wide.view(*flat.shape[:2], 5, 5)
    return kernel
