"""RRDBNet, the generator of ESRGAN and Real-ESRGAN (Wang et al., arXiv:1809.00219 and arXiv:2107.10833).

Its layers bear the names of Real-ESRGAN's published files (``conv_first``, ``body.0.rdb1.conv1``, ...,
``conv_last``), so that any tool that reads those reads ours, spandrel among them. It is a class of our own
because training needs one where no torchvision, and so no spandrel, is installed.
"""

from __future__ import annotations

from math import isqrt
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn.functional import interpolate, leaky_relu, pixel_unshuffle

from models.engine.slices import Slices, whole
from models.upscalers.files import renamed


def _conv(inside: int, outside: int) -> nn.Conv2d:
    return nn.Conv2d(inside, outside, 3, padding=1)


class DenseBlock(nn.Module):
    """Five convolutions, each of which sees what all before it said."""

    def __init__(self, width: int, growth: int) -> None:
        super().__init__()
        for i in range(1, 6):
            conv = _conv(width + (i - 1) * growth, width if i == 5 else growth)
            nn.init.kaiming_normal_(conv.weight)
            conv.weight.data *= (
                0.1  # the paper's small initialisation: deep residual nets start near identity
            )
            nn.init.zeros_(conv.bias)
            self.add_module(f"conv{i}", conv)

    def forward(self, x: Tensor) -> Tensor:
        said = [x]
        for conv in (self.conv1, self.conv2, self.conv3, self.conv4):
            said.append(leaky_relu(conv(torch.cat(said, 1)), 0.2))
        return x + 0.2 * self.conv5(torch.cat(said, 1))


class Block(nn.Module):
    """Residual in residual: three dense blocks, a fifth of what they change."""

    def __init__(self, width: int, growth: int) -> None:
        super().__init__()
        self.rdb1, self.rdb2, self.rdb3 = (DenseBlock(width, growth) for _ in range(3))

    def forward(self, x: Tensor) -> Tensor:
        return x + 0.2 * (self.rdb3(self.rdb2(self.rdb1(x))) - x)


class RRDBNet(nn.Module):
    """Pictures 0..1, (n, 3, h, w), to about 0..1, (n, 3, h·scale, w·scale), scale = 2^doublings / fold.

    Args:
        width: channels of the body.
        growth: channels that each convolution of a dense block adds; spandrel takes 32 for granted.
        blocks: RRDBs.
        doublings: how often the size is doubled at the end.
        fold: fold·fold pixels become channels first, which makes a 2× or 1× net out of one that doubles
            twice, as Real-ESRGAN does; h and w must then be multiples of it.
    """

    def __init__(
        self, *, width: int = 64, growth: int = 32, blocks: int = 23, doublings: int = 2, fold: int = 1
    ) -> None:
        super().__init__()
        self.fold, self.doublings = fold, doublings
        self.conv_first = _conv(3 * fold**2, width)
        self.body = nn.Sequential(*(Block(width, growth) for _ in range(blocks)))
        self.conv_body = _conv(width, width)
        for i in range(1, doublings + 1):
            self.add_module(f"conv_up{i}", _conv(width, width))
        self.conv_hr = _conv(width, width)
        self.conv_last = _conv(width, 3)

    @property
    def factor(self) -> int:
        """By how much both sides grow."""
        return 2**self.doublings // self.fold

    def forward(self, x: Tensor) -> Tensor:
        return whole(self.slices(x))

    def slices(self, x: Tensor) -> Slices[Tensor]:
        """`forward`, block by block: on a processor all 23 take a minute for one tile."""
        first = x = self.conv_first(pixel_unshuffle(x, self.fold))
        for block in self.body:
            x = block(x)
            yield
        x = first + self.conv_body(x)
        for i in range(1, self.doublings + 1):
            conv = self.get_submodule(f"conv_up{i}")
            x = leaky_relu(conv(interpolate(x, scale_factor=2.0, mode="nearest")), 0.2)
        return self.conv_last(leaky_relu(self.conv_hr(x), 0.2))


def load_rrdb(path: Path) -> RRDBNet:
    """The upscaler in a file of ESRGAN's or Real-ESRGAN's layout, in fp32, sized as its keys say.

    Raises:
        KeyError, RuntimeError: the file is of another layout.
    """
    state = {renamed(name): tensor.float() for name, tensor in load_file(path).items()}
    first = state["conv_first.weight"]
    net = RRDBNet(
        width=first.shape[0],
        growth=state["body.0.rdb1.conv1.weight"].shape[0],
        blocks=1 + max(int(name.split(".")[1]) for name in state if name.startswith("body.")),
        doublings=sum(name.startswith("conv_up") and name.endswith(".weight") for name in state),
        fold=isqrt(first.shape[1] // 3),
    )
    net.load_state_dict(state)
    return net.eval().requires_grad_(False)
