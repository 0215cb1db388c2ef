"""A stand-in for the engine, where a test is about what a worker does with it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future

from PIL import Image

from core.recipe import Fingerprint, Recipe
from models.engine.api import DrawnMap, EngineError, FinishedImage, ImageCancelled, ImageTask

FINGERPRINT = Fingerprint(
    device="cpu",
    hardware="stub",
    dtype="float32",
    threads=1,
    torch="0",
    diffusers="0",
    transformers="0",
    pillow="0",
    exact=True,
)


class StubEngine:
    """Makes plain pictures at once, or when the test opens `gate`."""

    def __init__(self) -> None:
        self.room = 16
        self.resident = frozenset({"starter"})
        #: Every image waits here in mid-step, until it is set.
        self.gate = threading.Event()
        self.gate.set()
        self.fingerprint = FINGERPRINT
        #: Drawn on the way to each image.
        self.maps: tuple[DrawnMap, ...] = ()
        #: Indices of images that the screen does not let pass.
        self.flagged: frozenset[int] = frozenset()
        self.tasks: list[ImageTask] = []
        self.futures: list[Future[FinishedImage]] = []
        #: Asked for each image; what it returns is raised instead.
        self.error: Callable[[ImageTask], EngineError | None] = lambda _task: None

    def submit(self, task: ImageTask) -> Future[FinishedImage]:
        self.tasks.append(task)
        future: Future[FinishedImage] = Future()
        self.futures.append(future)
        threading.Thread(target=self._make, args=(task, future), daemon=True).start()
        return future

    def _make(self, task: ImageTask, future: Future[FinishedImage]) -> None:
        picture = Image.new("RGB", (64, 64), color=(task.index * 50, 100, 150))
        calls = task.request.unet_calls
        for call in range(1, calls + 1):
            while call == calls // 2 and not (self.gate.wait(0.005) or task.cancelled.is_set()):
                pass
            if task.cancelled.is_set():
                future.set_exception(ImageCancelled("Cancelled."))
                return
            task.on_progress(call, calls, lambda: picture)
        error = self.error(task)
        if error is not None:
            future.set_exception(error)
        else:
            recipe = _recipe(task, self.fingerprint)
            flagged = task.keep_flagged and task.index in self.flagged
            finished = FinishedImage(image=picture, recipe=recipe, maps=self.maps, flagged=flagged)
            future.set_result(finished)


def _recipe(task: ImageTask, fingerprint: Fingerprint) -> Recipe:
    return Recipe(
        request=task.request,
        image_index=task.index,
        seed=task.request.image_seed(task.index),
        model=task.request.model,
        weights_hash="0" * 64,
        widths=(((1, task.request.unet_calls),),),
        fingerprint=fingerprint,
    )
