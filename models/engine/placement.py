"""Where a model's parts lie: all of them on the device, or only the one that works.

Moving a part changes no bit of what it computes.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from functools import partial

import torch
from torch import nn

logger = logging.getLogger(__name__)


class Part(StrEnum):
    TEXT = "text encoders"
    UNET = "UNet"
    VAE = "VAE"


class Placement:
    """Of one model. Parts are brought in before they are called, and not before; only the engine's thread
    does so."""

    def __init__(self, device: torch.device, parts: Mapping[Part, Sequence[nn.Module]]) -> None:
        self._device = device
        self._parts = parts
        #: Parts on the device.
        self.there: frozenset[Part] = frozenset()
        #: Whether a part that works has the device to itself.
        self.alone = False

    def bringing(self, part: Part) -> Callable[[], None]:
        """`bring` for one part, for whoever calls it."""
        return partial(self.bring, part)

    def bring(self, part: Part) -> None:
        """Have the part on the device; the others leave first where they would be in its way."""
        if self.alone:
            for other in self.there - {part}:
                self._move(other, torch.device("cpu"))
        self._bring(part)
        if not self.alone:
            for other in self._parts:
                self._bring(other)

    def _bring(self, part: Part) -> None:
        if part not in self.there:
            self._move(part, self._device)

    def _move(self, part: Part, device: torch.device) -> None:
        logger.debug("%s to %s", part, device)
        for network in self._parts[part]:
            network.to(device)
        self.there = self.there ^ {part}
