"""CodeFormer (Zhou et al. 2022, arXiv:2206.11253): a face out of a codebook of faces' parts.

A transformer guesses from the damaged face which entries of the codebook it is made of; their decoder draws
it. How much of the damaged face's own features is mixed in is the fidelity. Layers bear the names of the
published file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isqrt

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu

from models.restorers.vq import Downsample, ResBlock, Upsample, encoder, generator

#: The published one's; no tensor tells.
_HEADS = 8
#: The larger levels whose features are mixed in, counted from the smallest: 32 to 256 pixels of 512.
_MIXED = 4


@dataclass(frozen=True, kw_only=True)
class Shape:
    """Sizes of a CodeFormer; the defaults are the published one's."""

    #: Channels of each level, the largest pictures first.
    widths: tuple[int, ...] = (64, 128, 128, 256, 256, 512)
    #: Length of a codebook's entry, and their number.
    entry: int = 256
    entries: int = 1024
    embedding: int = 512
    layers: int = 9
    #: Pixels of a face's side.
    side: int = 512


class Layer(nn.Module):
    """Attention, then two linear layers, each on normalised input."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.self_attn = nn.MultiheadAttention(width, _HEADS)
        self.linear1, self.linear2 = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)

    def forward(self, x: Tensor, places: Tensor) -> Tensor:
        normed = self.norm1(x)
        asked = normed + places
        x = x + self.self_attn(asked, asked, value=normed, need_weights=False)[0]
        return x + self.linear2(gelu(self.linear1(self.norm2(x))))


class Fuse(nn.Module):
    """The damaged face's features change the drawn ones, by a share."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.encode_enc = ResBlock(2 * width, width)
        self.scale, self.shift = (
            nn.Sequential(
                nn.Conv2d(width, width, 3, padding=1),
                nn.LeakyReLU(0.2),
                nn.Conv2d(width, width, 3, padding=1),
            )
            for _ in range(2)
        )

    def forward(self, given: Tensor, drawn: Tensor, share: float) -> Tensor:
        both = self.encode_enc(torch.cat([given, drawn], dim=1))
        return drawn + share * (drawn * self.scale(both) + self.shift(both))


class Codebook(nn.Module):
    def __init__(self, entries: int, length: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(entries, length)


class CodeFormer(nn.Module):
    """Faces (n, 3, side, side) in -1..1 to restored ones."""

    #: Fidelity where none is asked for.
    usual_fidelity = 0.5

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.side = shape.side
        self.encoder = encoder(shape.widths, shape.entry)
        self.generator = generator(shape.widths, shape.entry)
        self.quantize = Codebook(shape.entries, shape.entry)
        small = shape.side >> (len(shape.widths) - 1)
        self.position_emb = nn.Parameter(torch.zeros(small**2, shape.embedding))
        self.feat_emb = nn.Linear(shape.entry, shape.embedding)
        self.ft_layers = nn.Sequential(*(Layer(shape.embedding) for _ in range(shape.layers)))
        self.idx_pred_layer = nn.Sequential(
            nn.LayerNorm(shape.embedding), nn.Linear(shape.embedding, shape.entries, bias=False)
        )
        mixed = [(small << up, shape.widths[-1 - up]) for up in range(1, _MIXED + 1)]
        self.fuse_convs_dict = nn.ModuleDict({str(side): Fuse(width) for side, width in mixed})

    def forward(self, x: Tensor, fidelity: float) -> Tensor:
        given, features = self._encoded(x)
        drawn = _in_tone_of(self._guessed(features), features)
        for number, block in enumerate(self.generator.blocks):
            drawn = block(drawn)
            before = self.generator.blocks[number - 1] if number else None
            side = str(drawn.shape[-1])
            # After the first residual block of a level.
            if fidelity and isinstance(before, Upsample) and side in self.fuse_convs_dict:
                drawn = self.fuse_convs_dict[side](given[side], drawn, fidelity)
        return drawn

    def _encoded(self, x: Tensor) -> tuple[dict[str, Tensor], Tensor]:
        """Features of each level, by the pixels of their side, and the last of all."""
        given: dict[str, Tensor] = {}
        for block in self.encoder.blocks:
            if isinstance(block, Downsample):
                given[str(x.shape[-1])] = x
            x = block(x)
        return given, x

    def _guessed(self, features: Tensor) -> Tensor:
        """The codebook's entries that the transformer holds for likeliest: shaped as the features."""
        number, _, height, width = features.shape
        said = self.feat_emb(features.flatten(2).permute(2, 0, 1))
        places = self.position_emb[:, None].expand(-1, number, -1)
        for layer in self.ft_layers:
            said = layer(said, places)
        likeliest = self.idx_pred_layer(said).argmax(dim=2)
        return self.quantize.embedding(likeliest).permute(1, 2, 0).reshape(number, -1, height, width)


def _in_tone_of(drawn: Tensor, given: Tensor) -> Tensor:
    """Adaptive instance normalisation (Huang & Belongie 2017): the given features' mean and spread."""
    (mean, spread), (own_mean, own_spread) = _tone(given), _tone(drawn)
    return (drawn - own_mean) / own_spread * spread + mean


def _tone(features: Tensor) -> tuple[Tensor, Tensor]:
    flat = features.flatten(2)
    mean, spread = flat.mean(dim=2), (flat.var(dim=2) + 1e-5).sqrt()
    return mean[:, :, None, None], spread[:, :, None, None]


def shape_of(shapes: Mapping[str, Sequence[int]]) -> Shape:
    """Read off a file's tensors, by name and shape. Raises KeyError where one is missing."""
    entries, entry = shapes["quantize.embedding.weight"]
    places, embedding = shapes["position_emb"]
    widths = _widths(shapes)
    return Shape(
        widths=widths,
        entry=entry,
        entries=entries,
        embedding=embedding,
        layers=1 + max(int(name.split(".")[1]) for name in shapes if name.startswith("ft_layers.")),
        side=isqrt(places) << (len(widths) - 1),
    )


def _widths(shapes: Mapping[str, Sequence[int]]) -> tuple[int, ...]:
    """A halving is a block that is one convolution named `conv`; the level below ends the list."""
    ends = re.compile(r"encoder\.blocks\.(\d+)\.conv\.weight")
    halvings = {int(found[1]): shapes[name][0] for name in shapes if (found := ends.fullmatch(name))}
    return (*(halvings[number] for number in sorted(halvings)), shapes["generator.blocks.0.weight"][0])
