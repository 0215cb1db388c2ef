"""Encoded prompts, as the UNet reads them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch


@dataclass(frozen=True, kw_only=True)
class TextEmbeddings:
    """A prompt and its negative."""

    #: (1, tokens, hidden)
    positive: torch.Tensor
    #: The same shape; None without guidance.
    negative: torch.Tensor | None
    #: (1, projection): a summary of the whole text, for architectures that ask for one (SDXL).
    pooled_positive: torch.Tensor | None = None
    pooled_negative: torch.Tensor | None = None


class Prompts(Protocol):
    """Text over a denoise stage; it may change on the way, as `[from:to:0.3]` does."""

    def tokens(self, steps: int) -> int:
        """Tokens of every embedding over so many steps, negative ones too: rows of a UNet call must share the
        number."""
        ...

    def at(self, step: int, steps: int) -> TextEmbeddings:
        """What is read at `step` (0-based) of the sampler's `steps` in this stage."""
        ...
