"""Claims jobs while the engine has room, woken by the doorbell and by looking now and then.

One thread claims, so that a doorbell that rings ten times finds work once. Each claimed job then runs on a
thread of its own: not on the Celery pool's, whose shutdown neither waits for a job nor tells it to stop.
"""

from __future__ import annotations

import logging
import threading
import time

from core.logs import about_job
from db.claiming import UnknownWorker, claim_next
from workers.job import run_job
from workers.patience import PASSING
from workers.running import RunningJob, Stop
from workers.tools import Tools

logger = logging.getLogger(__name__)

#: How long a job that was told to stop may take to give itself back.
_LAST_WORDS_S = 5.0


class Runner:
    """The jobs of this process.

    Args:
        limit: most jobs at once.
        look_every_s: doorbells may get lost, so it looks by itself this often.
    """

    def __init__(self, tools: Tools, *, limit: int, look_every_s: float) -> None:
        self._tools = tools
        self._limit = limit
        self._look_every_s = look_every_s
        self._doorbell = threading.Event()
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._running: dict[RunningJob, threading.Thread] = {}
        #: A job's inputs are being loaded: one at a time, on its own thread, as a store can be slow.
        self._beginning = False
        self._thread = threading.Thread(target=self._work, name="claims", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def ring(self) -> None:
        """There may be work."""
        self._doorbell.set()

    def running(self) -> list[RunningJob]:
        with self._lock:
            return list(self._running)

    def stop_claiming(self) -> None:
        self._stopping.set()
        self.ring()

    def close(self, grace_s: float) -> None:
        """Claim no more, let jobs end for up to `grace_s` seconds, and give the others back to the queue."""
        self.stop_claiming()
        self._thread.join()
        self._wait_for_jobs(grace_s)
        for job in self.running():
            job.stop(Stop.RELEASED)
        self._wait_for_jobs(_LAST_WORDS_S)

    def _work(self) -> None:
        while not self._stopping.is_set():
            self._doorbell.clear()
            try:
                while not self._stopping.is_set() and self._claim():
                    pass
            except PASSING as error:
                logger.warning("the database does not answer: %s", error)
            except UnknownWorker:
                logger.warning("this worker was forgotten; it registers again with its next sign of life")
            except Exception:
                # This thread must not end: no job would ever start again.
                logger.exception("claiming failed")
            self._doorbell.wait(self._look_every_s)

    def _claim(self) -> bool:
        """Claim and start one job; False where there is none, or no room for it."""
        # The engine's room is known once the last job's images are in it.
        if self._beginning or not self._tools.engine.room:
            return False
        asked_at = time.monotonic()
        with self._tools.database.begin() as session:
            claimed = claim_next(
                session,
                self._tools.worker_id,
                lease_s=self._tools.lease_s,
                limit=self._limit,
                resident=self._tools.engine.resident,
            )
        if claimed is None:
            return False
        self._start(RunningJob(claimed, asked_at=asked_at, lease_s=self._tools.lease_s))
        return True

    def _start(self, job: RunningJob) -> None:
        with about_job(job.id):
            logger.info("attempt %d begins", job.claim.attempt)
        thread = threading.Thread(target=self._run, args=(job,), name=f"job-{job.id}", daemon=True)
        with self._lock:
            self._running[job] = thread
        self._beginning = True
        thread.start()

    def _begun(self) -> None:
        self._beginning = False
        self.ring()

    def _run(self, job: RunningJob) -> None:
        try:
            run_job(job, self._tools, begun=self._begun)
        finally:
            with self._lock:
                del self._running[job]
            self.ring()

    def _wait_for_jobs(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        for thread in self._threads():
            thread.join(max(0.0, until - time.monotonic()))

    def _threads(self) -> list[threading.Thread]:
        with self._lock:
            return list(self._running.values())
