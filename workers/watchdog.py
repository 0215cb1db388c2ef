"""Ends the process when its engine has stopped ticking. A supervisor starts it anew, and its jobs come back.

Nothing less would do: a thread that hangs inside a driver can't be stopped from within Python.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable

logger = logging.getLogger(__name__)

#: Exit status that tells a supervisor's log why.
EXIT_STATUS = 70


def _end_process() -> None:
    logging.shutdown()
    os._exit(EXIT_STATUS)


class Watchdog:
    """A thread that looks at the engine's last sign of life about once a second.

    Args:
        last_tick: `time.monotonic()` of that sign; an idle engine shows one too.
        limit_s: silence that is taken for a hang; longer than the slowest loading of a model.
    """

    def __init__(
        self,
        last_tick: Callable[[], float],
        limit_s: float,
        end_process: Callable[[], None] = _end_process,
    ) -> None:
        self._last_tick = last_tick
        self._limit_s = limit_s
        self._end_process = end_process
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._closed.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._closed.wait(min(1.0, self._limit_s / 4)):
            silent_s = time.monotonic() - self._last_tick()
            if silent_s > self._limit_s:
                logger.critical("the engine has not ticked for %.0f s; this process ends", silent_s)
                self._end_process()
                return
