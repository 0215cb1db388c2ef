"""Holistically-nested edge detection (Xie & Tu 2015), in the shape that ControlNet's authors published.

The weights are `ControlNetHED.pth` of <https://huggingface.co/lllyasviel/Annotators> (Apache 2.0), converted
by `python -m models convert`.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import nn
from torch.nn.functional import interpolate, max_pool2d, relu

#: Channels and convolutions of each level; every level but the first halves the picture.
_LEVELS = ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))


class Level(nn.Module):
    """Convolutions at one size, and what they see of edges there."""

    def __init__(self, channels_in: int, channels: int, count: int) -> None:
        super().__init__()
        widths = [channels_in, *[channels] * count]
        self.convs = nn.ModuleList(
            nn.Conv2d(inside, outside, 3, padding=1) for inside, outside in pairwise(widths)
        )
        self.projection = nn.Conv2d(channels, 1, 1)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        for conv in self.convs:
            features = relu(conv(features))
        return features


class HED(nn.Module):
    """Pictures (n, 3, height, width) of 0..255, RGB, to edges (n, 1, height, width) of 0..1."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.Parameter(torch.zeros(1, 3, 1, 1))
        channels_in = 3
        for number, (channels, count) in enumerate(_LEVELS, start=1):
            self.add_module(f"block{number}", Level(channels_in, channels, count))
            channels_in = channels

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        features, edges = pictures - self.norm, []
        for number in range(1, len(_LEVELS) + 1):
            if number > 1:
                features = max_pool2d(features, 2)
            level = self.get_submodule(f"block{number}")
            features = level(features)
            seen = level.projection(features)
            edges.append(interpolate(seen, pictures.shape[2:], mode="bilinear", align_corners=False))
        return torch.cat(edges, dim=1).mean(dim=1, keepdim=True).sigmoid()
