"""One way to make a picture, by the engine and by the stock pipeline of diffusers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

from core.request import Request


@dataclass(frozen=True, kw_only=True)
class Mode:
    name: str
    request: Request
    #: The stock pipeline's own way.
    stock: Callable[[], Any]
    #: What the request is made from, by SHA-256.
    inputs: Mapping[str, Image.Image] = field(default_factory=dict)
