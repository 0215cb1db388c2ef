"""GFPGAN (Wang et al. 2021, arXiv:2101.04061), in the "clean" layout of versions 1.3 and 1.4.

A U-Net reads the damaged face; StyleGAN2 (Karras et al. 2020, arXiv:1912.04958) draws a face in the style
that it tells, and at each size half of the channels are scaled and shifted by what the U-Net saw there.
Layers bear the names of the published files, whose parts that are used in training alone are left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, interpolate, leaky_relu

#: Tensors of the published files that drawing has no use for.
UNUSED = ("toRGB.", "stylegan_decoder.style_mlp.")
#: Pixels of the side where drawing begins.
_SMALLEST = 4


@dataclass(frozen=True, kw_only=True)
class Shape:
    """Sizes of a GFPGAN; the defaults are those of version 1.4."""

    #: Channels of the U-Net and of the decoder at each size, from 4 pixels on.
    unet: tuple[int, ...] = (256, 256, 256, 256, 256, 128, 64, 32)
    decoder: tuple[int, ...] = (512, 512, 512, 512, 512, 256, 128, 64)
    style: int = 512


class Resized(nn.Module):
    """Two convolutions with the size halved or doubled between them, and a way around."""

    def __init__(self, inside: int, outside: int, factor: float) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inside, inside, 3, padding=1)
        self.conv2 = nn.Conv2d(inside, outside, 3, padding=1)
        self.skip = nn.Conv2d(inside, outside, 1, bias=False)
        self._factor = factor

    def forward(self, x: Tensor) -> Tensor:
        said = _resized(leaky_relu(self.conv1(x), 0.2), self._factor)
        return leaky_relu(self.conv2(said), 0.2) + self.skip(_resized(x, self._factor))


class ModulatedConv(nn.Module):
    """A convolution whose weights the style scales."""

    def __init__(self, inside: int, outside: int, kernel: int, style: int, *, demodulated: bool) -> None:
        super().__init__()
        self.modulation = nn.Linear(style, inside)
        spread = (inside * kernel**2) ** -0.5
        self.weight = nn.Parameter(spread * torch.randn(1, outside, inside, kernel, kernel))
        self._demodulated = demodulated

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        number, inside, height, width = x.shape
        weight = self.weight * self.modulation(style).view(number, 1, inside, 1, 1)
        if self._demodulated:
            weight = weight * torch.rsqrt(weight.pow(2).sum([2, 3, 4], keepdim=True) + 1e-8)
        kernel = weight.shape[-1]
        # Every face of the batch has weights of its own: a group each.
        faces = x.reshape(1, -1, height, width)
        said = conv2d(faces, weight.flatten(0, 1), padding=kernel // 2, groups=number)
        return said.view(number, -1, height, width)


class StyleConv(nn.Module):
    def __init__(self, inside: int, outside: int, style: int, *, doubled: bool = False) -> None:
        super().__init__()
        self.modulated_conv = ModulatedConv(inside, outside, 3, style, demodulated=True)
        self.weight = nn.Parameter(torch.zeros(1))
        self.bias = nn.Parameter(torch.zeros(1, outside, 1, 1))
        self._doubled = doubled

    def forward(self, x: Tensor, style: Tensor, noise: Tensor) -> Tensor:
        x = _resized(x, 2) if self._doubled else x
        said = self.modulated_conv(x, style) * 2**0.5 + self.weight * noise
        return leaky_relu(said + self.bias, 0.2)


class ToRGB(nn.Module):
    def __init__(self, inside: int, style: int) -> None:
        super().__init__()
        self.modulated_conv = ModulatedConv(inside, 3, 1, style, demodulated=False)
        self.bias = nn.Parameter(torch.zeros(1, 3, 1, 1))

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        return self.modulated_conv(x, style) + self.bias


class Constant(nn.Module):
    """Where every drawing begins."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(1, width, _SMALLEST, _SMALLEST))


class Decoder(nn.Module):
    """StyleGAN2's generator, told what the U-Net saw. The noise is the file's own: a rerun is the same."""

    def __init__(self, widths: Sequence[int], style: int) -> None:
        super().__init__()
        self.constant_input = Constant(widths[0])
        self.style_conv1 = StyleConv(widths[0], widths[0], style)
        self.to_rgb1 = ToRGB(widths[0], style)
        self.style_convs, self.to_rgbs, self.noises = nn.ModuleList(), nn.ModuleList(), nn.Module()
        self.noises.register_buffer("noise0", torch.randn(1, 1, _SMALLEST, _SMALLEST))
        for level, (before, width) in enumerate(pairwise(widths)):
            self.style_convs.append(StyleConv(before, width, style, doubled=True))
            self.style_convs.append(StyleConv(width, width, style))
            self.to_rgbs.append(ToRGB(width, style))
            side = _SMALLEST << (level + 1)
            for number in (2 * level + 1, 2 * level + 2):
                self.noises.register_buffer(f"noise{number}", torch.randn(1, 1, side, side))

    def forward(self, styles: Tensor, seen: Sequence[tuple[Tensor, Tensor]]) -> Tensor:
        """
        Args:
            styles: (n, 2 * sizes, style), one for each layer.
            seen: scale and shift (n, width / 2, side, side) for each size after the first.
        """
        noise = [self.noises.get_buffer(f"noise{number}") for number in range(2 * len(seen) + 1)]
        drawn = self.constant_input.weight.expand(len(styles), -1, -1, -1)
        drawn = self.style_conv1(drawn, styles[:, 0], noise[0])
        picture = self.to_rgb1(drawn, styles[:, 1])
        for level, (scale, shift) in enumerate(seen):
            first, second = self.style_convs[2 * level : 2 * level + 2]
            at = 2 * level + 1
            kept, changed = first(drawn, styles[:, at], noise[at]).chunk(2, dim=1)
            drawn = torch.cat([kept, changed * scale + shift], dim=1)
            drawn = second(drawn, styles[:, at + 1], noise[at + 1])
            picture = self.to_rgbs[level](drawn, styles[:, at + 2]) + _resized(picture, 2)
        return picture


class GFPGAN(nn.Module):
    """Faces (n, 3, side, side) in -1..1 to restored ones."""

    #: Fidelity where none is asked for: the restored face alone.
    usual_fidelity = 0.0

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.side = _SMALLEST << (len(shape.unet) - 1)
        self._style = shape.style
        up = list(pairwise(shape.unet))
        self.conv_body_first = nn.Conv2d(3, shape.unet[-1], 1)
        self.conv_body_down = nn.ModuleList(Resized(large, small, 0.5) for small, large in reversed(up))
        self.final_conv = nn.Conv2d(shape.unet[0], shape.unet[0], 3, padding=1)
        self.conv_body_up = nn.ModuleList(Resized(small, large, 2) for small, large in up)
        self.final_linear = nn.Linear(shape.unet[0] * _SMALLEST**2, 2 * len(shape.unet) * shape.style)
        self.stylegan_decoder = Decoder(shape.decoder, shape.style)
        pairs = list(zip(shape.unet[1:], shape.decoder[1:], strict=True))
        self.condition_scale = nn.ModuleList(_told(width, drawn // 2) for width, drawn in pairs)
        self.condition_shift = nn.ModuleList(_told(width, drawn // 2) for width, drawn in pairs)

    def forward(self, x: Tensor, fidelity: float) -> Tensor:
        """The given face is laid over the restored one by the fidelity, 0..1."""
        features, skips = leaky_relu(self.conv_body_first(x), 0.2), []
        for down in self.conv_body_down:
            features = down(features)
            skips.append(features)
        features = leaky_relu(self.final_conv(features), 0.2)
        styles = self.final_linear(features.flatten(1)).view(len(x), -1, self._style)
        seen = []
        told = zip(self.condition_scale, self.condition_shift, strict=True)
        levels = zip(self.conv_body_up, told, reversed(skips), strict=True)
        for up, (scale, shift), skip in levels:
            features = up(features + skip)
            seen.append((scale(features), shift(features)))
        return torch.lerp(self.stylegan_decoder(styles, seen), x, fidelity)


def _told(width: int, drawn: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(width, width, 3, padding=1), nn.LeakyReLU(0.2), nn.Conv2d(width, drawn, 3, padding=1)
    )


def _resized(x: Tensor, factor: float) -> Tensor:
    return interpolate(x, scale_factor=factor, mode="bilinear", align_corners=False)


def shape_of(shapes: Mapping[str, Sequence[int]]) -> Shape:
    """Read off a file's tensors, by name and shape. Raises KeyError where one is missing."""
    ups = re.compile(r"conv_body_up\.(\d+)\.conv2\.weight")
    sizes = sum(ups.fullmatch(name) is not None for name in shapes)
    decoder = "stylegan_decoder"
    return Shape(
        unet=(
            shapes["final_conv.weight"][0],
            *(shapes[f"conv_body_up.{level}.conv2.weight"][0] for level in range(sizes)),
        ),
        decoder=(
            shapes[f"{decoder}.constant_input.weight"][1],
            *(shapes[f"{decoder}.style_convs.{2 * level}.bias"][1] for level in range(sizes)),
        ),
        style=shapes[f"{decoder}.to_rgb1.modulated_conv.modulation.weight"][1],
    )
