"""The loop: admit, do what needs no UNet, one UNet call, step each row. One thread, one device."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Iterable

import torch
from PIL import Image

from core.stages import Denoise
from core.words import N_
from models.addons import LocalAddon
from models.engine.addons import Addons
from models.engine.api import FinishedImage, ImageBlocked, ImageCancelled, ImageFailed
from models.engine.failures import failing_alone
from models.engine.fingerprint import free_memory, synchronize
from models.engine.images import ImageRun
from models.engine.lanes import Lanes, Tick
from models.engine.model import LoadedModel
from models.engine.preview import Previews
from models.engine.residency import Residency
from models.engine.row_kinds import begin_row
from models.engine.rows import Row
from models.engine.stages import go_on
from models.engine.tick import alone, predict
from models.engine.waiting import WaitingRoom
from models.safety import Screen, Verdict

logger = logging.getLogger(__name__)


class Loop:
    """The images in the engine and the turns they take. Nothing here is safe for two threads."""

    def __init__(
        self, residency: Residency, addons: Iterable[LocalAddon], *, max_width: int, screen: Screen
    ) -> None:
        self._screen = screen
        self._previews = Previews(self._verdict)
        #: Not let in yet: their model is not in memory.
        self._waiting = WaitingRoom(residency, on_evicted=self._forget)
        self._addons = Addons(addons, residency, in_use=self._models_in_use, on_evicted=self._forget)
        #: Their next stage is none of denoising.
        self._aside: deque[ImageRun] = deque()
        self._lanes = Lanes(max_width)
        self._tick_s = 0.0
        #: `time.monotonic()` of the last sign of life.
        self.last_tick = time.monotonic()

    @property
    def idle(self) -> bool:
        return not (len(self._waiting) or self._aside or len(self._lanes))

    def offer(self, addons: Iterable[LocalAddon]) -> None:
        """Know these add-ons from now on; any thread may call it."""
        self._addons.offer(addons)

    def add(self, run: ImageRun) -> None:
        run.addons = self._addons
        self._waiting.add(run)

    def unfinished(self) -> list[ImageRun]:
        """Every image that is not done."""
        return [*self._waiting, *self._under_way()]

    def _under_way(self) -> list[ImageRun]:
        # Tiles are several rows of one image.
        return list(dict.fromkeys([*self._aside, *(row.run for row in self._lanes)]))

    def turn(self) -> None:
        """Everything that happens between two UNet calls, and one of them."""
        self._drop_cancelled()
        for run in self._waiting.admit(self._models_in_use):
            self._next_stage(run)
            self._beat()
        self._work_aside()
        tick = self._lanes.next_tick()
        if tick is not None:
            self._tick(tick)
        self._beat()

    def _beat(self) -> None:
        self.last_tick = time.monotonic()

    def _models_in_use(self) -> dict[str, int]:
        """By their names, what the largest call for their images takes besides weights."""
        used: dict[str, int] = {}
        for run in self._under_way():
            name = run.model.spec.name
            used[name] = max(used.get(name, 0), run.working(run.model.plan))
        return used

    def _forget(self, model: str) -> None:
        self._lanes.forget(model)

    def _drop_cancelled(self) -> None:
        for run in self.unfinished():
            if run.task.cancelled.is_set():
                run.future.set_exception(ImageCancelled(N_("Cancelled.")))
        self._lanes.leave([row for row in self._lanes if row.run.future.done()])
        self._waiting.drop_done()
        self._aside = deque(run for run in self._aside if not run.future.done())

    def _work_aside(self) -> None:
        """Encode, decode, upscale, each image a slice by turns: at least one, and no longer than a UNet call
        takes."""
        deadline = time.perf_counter() + self._tick_s
        while self._aside:
            run = self._aside.popleft()
            with failing_alone(run.future), run.model.drawing(run.pixels):
                go_on(run)
            self._next_stage(run)
            self._beat()
            if time.perf_counter() > deadline:
                return

    def _next_stage(self, run: ImageRun) -> None:
        if run.future.done():
            return
        with failing_alone(run.future):
            if not run.stages:
                self._deliver(run)
            elif run.needs != run.model.spec.name:
                run.leave()
                self._waiting.add(run)
            elif isinstance(run.stages[0], Denoise):
                self._denoise(run, run.stages[0])
            else:
                self._aside.append(run)

    def _denoise(self, run: ImageRun, stage: Denoise) -> None:
        with run.model.drawing(run.pixels):
            row = begin_row(run, stage)
        if row.done:
            self._finish(row)
        else:
            for rider in row.riders():
                self._lanes.join(rider)

    def _finish(self, row: Row) -> None:
        row.finish()
        row.run.stages.popleft()
        self._next_stage(row.run)

    def _tick(self, tick: Tick) -> None:
        started = time.perf_counter()
        predictions = self._predict(tick)
        if predictions is None:
            # A broken device may fail in a library's words; asked directly, it raises AcceleratorError.
            synchronize(tick.lane.model.device)
            free_memory(tick.lane.model.device)
            self._tick_one_by_one(tick)
        else:
            for row, prediction in zip(tick.rows, predictions.split(1), strict=True):
                self._step(row, prediction, tick)
        self._retire()
        self._tick_s = time.perf_counter() - started

    def _predict(self, tick: Tick) -> torch.Tensor | None:
        """One call for all rows; None where it failed. What it held by then is free once this returns."""
        started = time.perf_counter()
        knee = tick.lane.knee
        try:
            predictions = predict(tick)
            if knee.measures(tick.width):
                synchronize(tick.lane.model.device)
                knee.note(tick.width, time.perf_counter() - started)
        except Exception as error:
            logger.warning("a call for %d rows failed; trying them one by one", len(tick.rows), exc_info=True)
            if isinstance(error, torch.OutOfMemoryError):
                knee.forbid(tick.width)
            return None
        return predictions

    def _tick_one_by_one(self, tick: Tick) -> None:
        for row in tick.rows:
            if row.run.future.done():
                continue
            with failing_alone(row.run.future):
                single = alone(tick, row)
                self._step(row, predict(single), single)

    def _step(self, row: Row, prediction: torch.Tensor, tick: Tick) -> None:
        run = row.run
        if run.future.done():
            return
        with failing_alone(run.future):
            call = row.call
            row.step(prediction, tick.width)
            run.exact = run.exact and tick.lane.proofs[tick.width]
            # A tile alone brings the picture no further before all others have spoken too.
            if row.call > call:
                run.task.on_progress(row.progress, run.task.request.unet_calls, lambda: self._preview(row))

    def _retire(self) -> None:
        over = [row for row in self._lanes if row.done or row.run.future.done()]
        self._lanes.leave(over)
        for row in {row.run: row for row in over}.values():
            if not row.run.future.done():
                self._finish(row)

    def _deliver(self, run: ImageRun) -> None:
        if run.image is None:
            raise ImageFailed(N_("This request ends without a picture."))
        verdict = self._verdict(run.model, run.image)
        if not verdict.allowed and not run.task.keep_flagged:
            raise ImageBlocked(verdict.reason)
        maps = [drawn for drawn in run.maps.values() if self._verdict(run.model, drawn.image).allowed]
        run.future.set_result(
            FinishedImage(image=run.image, recipe=run.recipe(), maps=tuple(maps), flagged=not verdict.allowed)
        )

    def _preview(self, row: Row) -> Image.Image | None:
        """The image as it is now; None where it can't or may not be shown: an image outlives its preview."""
        try:
            with row.run.model.drawing(row.run.pixels):
                return self._previews.of(row.run, row.estimate())
        except torch.AcceleratorError:
            raise
        except Exception:
            logger.warning("a preview failed", exc_info=True)
            return None

    def _verdict(self, model: LoadedModel, image: Image.Image) -> Verdict:
        verdict = model.screen(image)
        return self._screen(image) if verdict.allowed else verdict
