"""The one seam that every preview and every image passes before it leaves the worker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Whether a picture may leave the worker."""

    allowed: bool
    #: Why not, in words for the member.
    reason: str = ""


Screen = Callable[[Image.Image], Verdict]

ALLOWED = Verdict(allowed=True)


def allow(_image: Image.Image) -> Verdict:
    """The screen of a model that brings no safety checker."""
    return ALLOWED
