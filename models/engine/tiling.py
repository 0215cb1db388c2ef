"""Pictures whose edges fit together: each convolution sees the other side instead of a border."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn


@contextmanager
def circular(network: nn.Module, wanted: bool) -> Iterator[None]:
    """Have the network's padded convolutions wrap around on both axes, if wanted, while this lasts."""
    wrapped = [part for part in network.modules() if isinstance(part, nn.Conv2d)] if wanted else []
    usual = [part.padding_mode for part in wrapped]
    try:
        for part in wrapped:
            part.padding_mode = "circular"
        yield
    finally:
        for part, mode in zip(wrapped, usual, strict=True):
            part.padding_mode = mode
