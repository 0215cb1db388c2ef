"""Hires fix: a picture is drawn small first, then larger and in part anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.stages import Denoise, ResizeLatents, Stage

#: How much the second pass draws anew where nobody says: enough to mend what scaling blurs.
HIRES_STRENGTH = 0.6


def in_two_passes(
    stages: Sequence[Stage], *, width: int, height: int, strength: float = HIRES_STRENGTH
) -> tuple[Stage, ...]:
    """The stages with a second denoising behind the last one, over its latents scaled to this size.

    Args:
        width, height: pixels.
        strength: 0..1.
    """
    at, last = [(place, stage) for place, stage in enumerate(stages) if isinstance(stage, Denoise)][-1]
    again = replace(last, width=width, height=height, strength=strength)
    return (*stages[: at + 1], ResizeLatents(width=width, height=height), again, *stages[at + 1 :])
