"""Images whose model is not in memory yet, new ones and those whose next stage runs on another model."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping

from models.engine.failures import failing_alone
from models.engine.images import ImageRun
from models.engine.model import LoadedModel
from models.engine.residency import Residency

#: Seconds that an image whose model has to be loaded lets newer ones, whose models are in memory, go first.
PATIENCE_S = 20.0


class WaitingRoom:
    """Lets images in as their models come into memory."""

    def __init__(self, residency: Residency, *, on_evicted: Callable[[str], None]) -> None:
        """
        Args:
            on_evicted: called with the name of a model that leaves, before another one is loaded; whoever
                still refers to it should let go.
        """
        self._residency = residency
        self._on_evicted = on_evicted
        self._runs: deque[ImageRun] = deque()

    def __len__(self) -> int:
        return len(self._runs)

    def __iter__(self) -> Iterator[ImageRun]:
        return iter(self._runs)

    def add(self, run: ImageRun) -> None:
        self._runs.append(run)

    def drop_done(self) -> None:
        self._runs = deque(run for run in self._runs if not run.future.done())

    def admit(self, in_use: Callable[[], Mapping[str, int]]) -> Iterator[ImageRun]:
        """Let in every image whose model is in memory or can be loaded without driving out one in use.

        Args:
            in_use: the models that images under way need now, and what calls take besides their weights.
        """
        for old in self._residency.drop_replaced(in_use().keys()) if self._runs else ():
            self._on_evicted(old)
        for run in list(self._runs):
            model = None
            with failing_alone(run.future):
                model = self._model(run, in_use)
            if model is not None:
                run.enter(model)
            elif not run.future.done():
                if time.monotonic() - run.waits_since > PATIENCE_S:
                    return
                continue
            self._runs.remove(run)
            if model is not None:
                yield run

    def _model(self, run: ImageRun, in_use: Callable[[], Mapping[str, int]]) -> LoadedModel | None:
        # Without a name, any model will do beside what draws nothing; what is drawn needs one of its own.
        name = run.needs or ("" if run.task.request.is_drawn else self._residency.usual)
        offered = self._residency.find(name)
        model = self._residency.get(name)
        evicted = self._residency.make_room(
            0 if model is not None else offered.bytes,
            in_use(),
            working=run.working(offered.model.plan),
            name=name,
            wanted={other.needs for other in self._runs if other is not run},
        )
        if evicted is None:
            return None
        for old in evicted:
            self._on_evicted(old)
        return model or self._residency.load(offered.model)
