"""What an adapter adds to one layer's output.

`scale` is alpha / rank. W is the layer's own weight, (out, in) or (out, in, kernel, kernel).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
import torch.nn.functional as functional
from torch import nn

Layer = nn.Linear | nn.Conv2d


class Patch(Protocol):
    """Laid over a layer."""

    def delta(self, layer: Layer) -> torch.Tensor:
        """What it adds to the layer's weight at a weight of 1, of the weight's shape."""
        ...

    def added(self, layer: Layer, values: torch.Tensor, weight: float) -> torch.Tensor:
        """What it adds to the layer's output for these input values."""
        ...


@dataclass(frozen=True, kw_only=True, eq=False)
class Dense:
    """A patch whose change of the weight is made for each call: that takes no memory between them."""

    def delta(self, layer: Layer) -> torch.Tensor:
        raise NotImplementedError

    def added(self, layer: Layer, values: torch.Tensor, weight: float) -> torch.Tensor:
        return _apply(layer, values, self.delta(layer) * weight)


@dataclass(frozen=True, kw_only=True, eq=False)
class LowRank:
    """LoRA (Hu et al. 2021); on convolutions LoCon, with a `mid` in the Tucker form."""

    #: (rank, in, ...)
    down: torch.Tensor
    #: (out, rank, ...)
    up: torch.Tensor
    mid: torch.Tensor | None
    scale: float

    def delta(self, layer: Layer) -> torch.Tensor:
        up, down = self.up.flatten(1), self.down.flatten(1)
        if self.mid is not None:
            return torch.einsum("or,rskl,si->oikl", up, self.mid, down) * self.scale
        return (up @ down).reshape(layer.weight.shape) * self.scale

    def added(self, layer: Layer, values: torch.Tensor, weight: float) -> torch.Tensor:
        if isinstance(layer, nn.Linear):
            narrow = functional.linear(values, self.down.flatten(1))
            return functional.linear(narrow, self.up.flatten(1)) * (self.scale * weight)
        if self.mid is None:
            narrow = _apply(layer, values, self.down)
        else:
            narrow = _apply(layer, functional.conv2d(values, self.down), self.mid)
        return functional.conv2d(narrow, self.up) * (self.scale * weight)


@dataclass(frozen=True, kw_only=True, eq=False)
class Hadamard(Dense):
    """LoHa: the product, number by number, of two low-rank matrices (Hyeon-Woo et al. 2022)."""

    pairs: tuple[tuple[torch.Tensor, torch.Tensor, torch.Tensor | None], ...]
    scale: float

    def delta(self, layer: Layer) -> torch.Tensor:
        first, second = (product(*pair) for pair in self.pairs)
        return (first * second).reshape(layer.weight.shape) * self.scale


@dataclass(frozen=True, kw_only=True, eq=False)
class Kronecker(Dense):
    """LoKr: the Kronecker product of a small matrix and a larger one (Yeh et al. 2023)."""

    #: Matrices, the second one's last two sides the kernel's.
    first: torch.Tensor
    second: torch.Tensor
    scale: float

    def delta(self, layer: Layer) -> torch.Tensor:
        first = self.first.reshape(*self.first.shape, *[1] * (self.second.ndim - 2))
        return torch.kron(first, self.second).reshape(layer.weight.shape) * self.scale


@dataclass(frozen=True, kw_only=True, eq=False)
class Decomposed(Dense):
    """DoRA (Liu et al. 2024): the patched weight is given lengths of its own, per output or per input.

    LyCORIS and A1111 have it both ways; the shape of the lengths tells which.
    """

    patch: Patch
    #: (out, 1, ...) or (1, in, ...)
    lengths: torch.Tensor

    def delta(self, layer: Layer) -> torch.Tensor:
        own = layer.weight.float()
        changed = own + self.patch.delta(layer).float()
        lengths = self.lengths.float()
        lengths = lengths.reshape(-1, *[1] * (own.ndim - 1)) if lengths.ndim == 1 else lengths
        per_output = lengths.shape[0] == own.shape[0]
        others = [side for side in range(own.ndim) if side != (0 if per_output else 1)]
        norms = torch.linalg.vector_norm(changed, dim=others, keepdim=True) + torch.finfo(own.dtype).eps
        lengths = lengths.reshape(norms.shape)
        return (changed * (lengths / norms) - own).to(layer.weight.dtype)


@dataclass(frozen=True, kw_only=True, eq=False)
class Generalized(Dense):
    """GLoRA (Chavan et al. 2023) as LyCORIS trains it: B + W A, both of low rank."""

    #: (in, rank) and (rank, in); A = a1 a2 mixes the layer's inputs.
    a1: torch.Tensor
    a2: torch.Tensor
    #: B, of the weight's shape.
    b: torch.Tensor
    scale: float

    def delta(self, layer: Layer) -> torch.Tensor:
        mixed = torch.einsum("oi...,ir,rj->oj...", layer.weight, self.a1, self.a2)
        return (self.b.reshape(layer.weight.shape) + mixed) * self.scale


def product(a: torch.Tensor, b: torch.Tensor, core: torch.Tensor | None) -> torch.Tensor:
    """a @ b; with a core the Tucker form, in which a is (rank, out) and b (rank, in)."""
    if core is not None:
        # torch.kron takes no other layout.
        return torch.einsum("rskl,ro,si->oikl", core, a, b).contiguous()
    return (a @ b.flatten(1)).reshape(len(a), *b.shape[1:])


def _apply(layer: Layer, values: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """The layer's own geometry with another weight, without a bias."""
    if isinstance(layer, nn.Linear):
        return functional.linear(values, weight)
    return layer._conv_forward(values, weight, None)
