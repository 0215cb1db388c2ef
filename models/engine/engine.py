"""The engine's one thread, and the door to it for all others."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from concurrent.futures import Future
from queue import Empty, SimpleQueue

import torch

from core.words import N_
from models.addons import LocalAddon
from models.catalogue import LocalModel
from models.engine.api import EngineClosed, FinishedImage, ImageTask, UnknownModel
from models.engine.fingerprint import forbid_tuning, pick_device
from models.engine.images import ImageRun, start_run
from models.engine.loop import Loop
from models.engine.residency import Residency
from models.safety import Screen, allow

logger = logging.getLogger(__name__)

#: An idle engine shows a sign of life this often.
_IDLE_S = 0.5


class Engine:
    """Owns the device: every image of this process goes through its one thread."""

    def __init__(
        self,
        models: Iterable[LocalModel],
        *,
        device: str = "auto",
        max_width: int = 8,
        budget_bytes: int | None = None,
        screen: Screen = allow,
        addons: Iterable[LocalAddon] = (),
    ) -> None:
        """Start the thread. Models and add-ons are loaded when their first image comes.

        Args:
            device: torch device name, or "auto".
            max_width: most rows of one UNet call: 1, 2, 4, 8 or 16. A replay may meet wider ones again.
            budget_bytes: memory for weights; most of a graphics card or half of the computer's if None.
            screen: asked about every preview and image besides the model's own safety checker.
        """
        forbid_tuning()
        self._residency = Residency(models, pick_device(device), budget_bytes)
        self._loop = Loop(self._residency, addons, max_width=max_width, screen=screen)
        self._capacity = 2 * max_width
        self._lock = threading.Lock()
        self._in_flight = 0
        self._inbox: SimpleQueue[ImageRun | None] = SimpleQueue()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._work, name="engine", daemon=True)
        self._thread.start()

    @property
    def room(self) -> int:
        """How many more images it would be of use to submit now. More are taken, and wait."""
        return 0 if self._closed.is_set() else max(0, self._capacity - self._in_flight)

    @property
    def resident(self) -> frozenset[str]:
        """Names of the models in memory."""
        return self._residency.names

    @property
    def last_tick(self) -> float:
        """`time.monotonic()` of the engine's last sign of life.

        Idle, it shows one twice a second; a UNet call, a slice of another stage or the loading of
        a model only at its end.
        """
        return self._loop.last_tick

    def offer(self, models: Iterable[LocalModel], addons: Iterable[LocalAddon]) -> None:
        """Know these models and add-ons from now on, and no others. Images under way end as they began."""
        self._residency.offer(models)
        self._loop.offer(addons)

    def submit(self, task: ImageTask) -> Future[FinishedImage]:
        """Begin an image. The future ends with the image or with an EngineError; to stop it, set the task's
        `cancelled` flag (the future itself cannot be cancelled)."""
        future: Future[FinishedImage] = Future()
        future.set_running_or_notify_cancel()
        model = task.request.model
        if model and not self._residency.knows(model):
            future.set_exception(UnknownModel(N_("There is no model {model} on this machine."), model=model))
            return future
        with self._lock:
            self._in_flight += 1
            future.add_done_callback(self._count_down)
            if not self._closed.is_set():
                self._inbox.put(start_run(task, future))
                return future
        future.set_exception(EngineClosed(N_("The engine is closed.")))
        return future

    def close(self) -> None:
        """Stop after the current turn; images that are not done end with EngineClosed."""
        self._closed.set()
        self._inbox.put(None)
        self._thread.join()

    def _count_down(self, _future: Future[FinishedImage]) -> None:
        with self._lock:
            self._in_flight -= 1

    def _work(self) -> None:
        try:
            with torch.inference_mode():
                while not self._closed.is_set():
                    self._take_new()
                    self._loop.turn()
        except Exception:
            # A broken device or a bug, no image's fault: only a fresh process can go on.
            logger.exception("the engine stopped")
        finally:
            self._give_up()

    def _take_new(self) -> None:
        """Hand new images to the loop; while there is nothing else to do, wait for one."""
        wait = self._loop.idle
        while True:
            try:
                run = self._inbox.get(block=wait, timeout=_IDLE_S)
            except Empty:
                return
            wait = False
            if run is not None:
                self._loop.add(run)

    def _give_up(self) -> None:
        with self._lock:
            self._closed.set()
        while not self._inbox.empty():
            run = self._inbox.get()
            if run is not None:
                self._loop.add(run)
        for run in self._loop.unfinished():
            if not run.future.done():
                run.future.set_exception(
                    EngineClosed(N_("The engine was closed before this image was done."))
                )
