"""Requests with adapters, and the pictures that an engine makes of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.request import Adapter, Request
from models.engine.api import FinishedImage, ImageTask
from models.engine.engine import Engine
from tests.engine.stock import make_request


def adapted(adapters: dict[str, float], **denoise: Any) -> Request:
    """A request with these adapters at their weights."""
    laid = tuple(Adapter(name=name, weight=weight) for name, weight in adapters.items())
    return replace(make_request(**denoise), adapters=laid)


def draw(engine: Engine, *requests: Request) -> list[FinishedImage]:
    """All at once."""
    futures = [engine.submit(ImageTask(request=request)) for request in requests]
    return [future.result() for future in futures]
