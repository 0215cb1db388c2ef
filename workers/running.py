"""What this process knows of a job that it has claimed: whether it still may, and how far it is."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from enum import Enum, auto

from PIL import Image

from core.grid import image_calls
from core.logs import about_job
from db.claims import Claim, ClaimedJob
from models.engine.api import Preview

logger = logging.getLogger(__name__)

#: A preview at most this often, and the first one not before.
_PREVIEW_EVERY_S = 1.0


class Stop(Enum):
    """Why a job is to stop before its end."""

    CANCELLED = auto()
    #: This process shuts down, and the job goes back to the queue.
    RELEASED = auto()
    #: Another process may have the job by now: whatever was made here is dropped.
    LOST = auto()


class RunningJob:
    """Shared between the job's own thread, the leases' and the engine's."""

    def __init__(self, claimed: ClaimedJob, *, asked_at: float, lease_s: float) -> None:
        """
        Args:
            asked_at: `time.monotonic()` before the claim was asked for.
        """
        self.claimed = claimed
        #: The engine reads this flag before every call.
        self.stopped = threading.Event()
        self._stop: Stop | None = None
        self._lease_s = lease_s
        self._lease_ends = asked_at + lease_s
        request = claimed.job.request
        # Of each image, as the engine's thread must not build its request anew after every call.
        self._calls_to_make = [image_calls(request, index) for index in range(request.count)]
        self._calls = {index: self._calls_to_make[index] for index in claimed.done_images}
        self._reported = 0
        self._preview: Image.Image | None = None
        self._preview_due = time.monotonic() + _PREVIEW_EVERY_S

    @property
    def id(self) -> str:
        return self.claimed.job.id

    @property
    def claim(self) -> Claim:
        return self.claimed.claim

    @property
    def missing(self) -> Sequence[int]:
        """Indices of the images still to be made."""
        return [
            index for index in range(self.claimed.job.request.count) if index not in self.claimed.done_images
        ]

    @property
    def why_stopped(self) -> Stop | None:
        # A process that was paused finds its lease over before any thread could tell it.
        return Stop.LOST if time.monotonic() >= self._lease_ends else self._stop

    def stop(self, why: Stop) -> None:
        """Have the job stop; a later LOST outweighs an earlier reason."""
        if self._stop is None or why is Stop.LOST:
            self._stop = why
        self.stopped.set()

    def renewed(self, asked_at: float) -> None:
        """The lease was renewed by a statement sent at `asked_at` (`time.monotonic()`)."""
        self._lease_ends = asked_at + self._lease_s

    def check_lease(self) -> None:
        """Stop once the lease has run out without a renewal."""
        if time.monotonic() >= self._lease_ends:
            self.stop(Stop.LOST)

    def on_progress(self, index: int, done: int, preview: Preview) -> None:
        """Called on the engine's thread after each UNet call for image `index`."""
        self._calls[index] = done
        if done == self._calls_to_make[index]:
            with about_job(self.id):
                logger.info("image %d is denoised", index)
        if time.monotonic() >= self._preview_due:
            self._preview_due = time.monotonic() + _PREVIEW_EVERY_S
            self._preview = preview()

    def take_preview(self) -> Image.Image | None:
        """The newest preview, once."""
        preview, self._preview = self._preview, None
        return preview

    def news(self) -> tuple[int, int] | None:
        """UNet calls made and to make, all images together; None where they were told before."""
        done = sum(self._calls.copy().values())
        if done == self._reported:
            return None
        self._reported = done
        return done, sum(self._calls_to_make)
