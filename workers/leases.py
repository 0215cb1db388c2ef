"""The side thread: one transaction renews all leases, reads all cancel flags and tells how far jobs are."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection

from core.events import Event, EventKind
from core.logs import about_job
from db import claims
from workers.patience import PASSING
from workers.presence import Presence
from workers.running import RunningJob, Stop
from workers.tools import Tools

logger = logging.getLogger(__name__)

_EVERY_S = 0.5


class Leases:
    """Looks after the jobs twice a second until `close`."""

    def __init__(
        self, tools: Tools, presence: Presence, running: Callable[[], Collection[RunningJob]]
    ) -> None:
        self._tools = tools
        self._presence = presence
        self._running = running
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._work, name="leases", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._closed.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._closed.wait(_EVERY_S):
            jobs = {job.claim: job for job in self._running()}
            try:
                self._look_after(jobs)
                self._presence.refresh()
            except PASSING as error:
                logger.warning("the database does not answer: %s", error)
            except Exception:
                # This thread must not end: every job depends on it.
                logger.exception("looking after leases failed")
            for job in jobs.values():
                job.check_lease()

    def _look_after(self, jobs: dict[claims.Claim, RunningJob]) -> None:
        if not jobs:
            return
        asked_at = time.monotonic()
        moved: list[RunningJob] = []
        with self._tools.database.begin() as session:
            result = claims.renew(session, jobs.keys(), self._tools.lease_s)
            for claim in sorted(result.alive, key=lambda claim: claim.job_id):
                news = jobs[claim].news()
                if news is not None:
                    claims.progress(session, claim, *news)
                    moved.append(jobs[claim])
        for claim, job in jobs.items():
            if claim in result.alive:
                job.renewed(asked_at)
            else:
                _lose(job)
            if claim in result.cancelled:
                job.stop(Stop.CANCELLED)
        for job in moved:
            self._tools.publish(Event(kind=EventKind.PROGRESS, job_id=job.id))


def _lose(job: RunningJob) -> None:
    # A job that ended between the look at the list and the statement is no loss.
    if not job.stopped.is_set():
        with about_job(job.id):
            logger.warning("the lease is lost")
    job.stop(Stop.LOST)
