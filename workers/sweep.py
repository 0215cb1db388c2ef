"""Removes objects that no job needs: leftovers of crashes and stale workers, and previews of days past."""

from __future__ import annotations

import itertools
import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta

from core.storage import Storage, StoredObject, preview_key
from db.engine import Database
from db.keeping import existing_jobs
from workers.patience import PASSING

logger = logging.getLogger(__name__)

#: No job runs for so long, and no clock is so wrong, that something this old could still be wanted.
_OLD = timedelta(days=1)
_EVERY_S = 6 * 3600.0
_PAGE = 200


def sweep(database: Database, storage: Storage, *, now: datetime | None = None) -> int:
    """Delete every old object without a job and every old preview; how many there were."""
    before = (now or datetime.now(UTC)) - _OLD
    old = (entry for entry in storage.keys("jobs/") if entry.modified < before)
    removed = 0
    for page in _pages(old):
        with database.read() as session:
            kept = existing_jobs(session, {_job_id(entry) for entry in page})
        for entry in page:
            job_id = _job_id(entry)
            if job_id not in kept or entry.key == preview_key(job_id):
                storage.delete(entry.key)
                removed += 1
    return removed


class Sweeper:
    """A thread that sweeps now and then while this process is in charge; apart, as a store can be slow."""

    def __init__(self, database: Database, storage: Storage, in_charge: Callable[[], bool]) -> None:
        self._database = database
        self._storage = storage
        self._in_charge = in_charge
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._work, name="sweeper", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        # A sweep under way is left to the process's end: it may take long, and nothing hangs on it.
        self._closed.set()

    def _work(self) -> None:
        while not self._closed.wait(_EVERY_S):
            if self._in_charge():
                self._sweep()

    def _sweep(self) -> None:
        try:
            removed = sweep(self._database, self._storage)
            logger.info("swept %d objects", removed)
        except PASSING as error:
            logger.warning("not swept to the end: %s", error)


def _job_id(entry: StoredObject) -> str:
    return entry.key.split("/")[1]


def _pages(entries: Iterable[StoredObject]) -> Iterator[list[StoredObject]]:
    iterator = iter(entries)
    while page := list(itertools.islice(iterator, _PAGE)):
        yield page
