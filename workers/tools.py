"""What the parts of a worker share, built once by its entry point and handed to each."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Protocol

from core.events import Event
from core.storage import Storage
from db.engine import Database
from models.engine.api import FinishedImage, ImageTask


class ImageEngine(Protocol):
    """The engine as a worker sees it (`models.engine.engine.Engine`)."""

    @property
    def room(self) -> int:
        """How many more images it would be of use to submit now."""

    @property
    def resident(self) -> frozenset[str]:
        """Names of the models in memory."""

    def submit(self, task: ImageTask) -> Future[FinishedImage]:
        """Begin an image."""


@dataclass(frozen=True, kw_only=True)
class Tools:
    database: Database
    storage: Storage
    engine: ImageEngine
    #: Tells the bot, which looks by itself too.
    publish: Callable[[Event], object]
    #: Called when the engine's thread is gone: the process should end and be started again.
    engine_stopped: Callable[[], object]
    worker_id: str
    lease_s: float
