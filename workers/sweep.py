"""Removes what no job needs: leftovers of crashes and stale workers, old previews, unused inputs; and
pictures that were kept as long as their member's tier says. And counts votes anew where a ban ran out."""

from __future__ import annotations

import itertools
import logging
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta

from core.storage import EXPORTS, Storage, preview_key
from db.engine import Database
from db.inputs import needed_inputs
from db.keeping import existing_jobs
from db.recounts import mend_votes
from db.retention import any_expired, delete_expired
from db.sanctions import changed_bans
from workers.patience import PASSING

logger = logging.getLogger(__name__)

#: No job runs for so long, and no clock is so wrong, that something this old could still be wanted.
_OLD = timedelta(days=1)
_EVERY_S = 6 * 3600.0
#: The keeper in charge may change, and the first sweep comes this soon.
_LOOK_EVERY_S = 60.0
_PAGE = 200
#: Seconds that a change may need until others see it: no transaction takes so long.
_UNSEEN_S = 60.0
#: Jobs deleted in one transaction.
_BATCH = 50
#: A job's object. Whatever else lies in a shared bucket is somebody else's.
_OBJECT = re.compile(r"jobs/([0-9A-Z]+)/[^/]+")
_INPUT = re.compile(r"inputs/([0-9a-f]{64})\.png")


def sweep(database: Database, storage: Storage, *, now: datetime | None = None) -> int:
    """Delete every old object without a job, preview, unused input and archive; how many there were."""
    before = (now or datetime.now(UTC)) - _OLD
    removed = 0
    for page in _pages(_old(storage, "jobs/", _OBJECT, before)):
        with database.read() as session:
            kept = existing_jobs(session, {job_id for job_id, _ in page})
        for job_id, key in page:
            if job_id not in kept or key == preview_key(job_id):
                storage.delete(key)
                removed += 1
    for page in _pages(_old(storage, "inputs/", _INPUT, before)):
        with database.read() as session:
            needed = needed_inputs(session, [sha256 for sha256, _ in page])
        for sha256, key in page:
            if sha256 not in needed:
                storage.delete(key)
                removed += 1
    removed += _remove_exports(storage, before)
    storage.tidy(before)
    return removed


def _remove_exports(storage: Storage, before: datetime) -> int:
    """Archives that members asked for, and could fetch since then."""
    old = [entry.key for entry in storage.keys(EXPORTS) if entry.modified < before]
    for key in old:
        storage.delete(key)
    return len(old)


def expire(database: Database, storage: Storage) -> int:
    """Delete what its member's tier keeps no longer; how many objects there were."""
    removed = 0
    while _any_expired(database):
        with database.begin() as session:
            keys = delete_expired(session, _BATCH)
        for key in keys:
            storage.delete(key)
        removed += len(keys)
    return removed


def _any_expired(database: Database) -> bool:
    with database.read() as session:
        return any_expired(session)


def _old(
    storage: Storage, prefix: str, named: re.Pattern[str], before: datetime
) -> Iterator[tuple[str, str]]:
    """Id and key of objects last written before a time."""
    for entry in storage.keys(prefix):
        if entry.modified < before and (match := named.fullmatch(entry.key)):
            yield match[1], entry.key


class Sweeper:
    """A thread that sweeps now and then while this process is in charge; apart, as a store can be slow."""

    def __init__(self, database: Database, storage: Storage, in_charge: Callable[[], bool]) -> None:
        self._database = database
        self._storage = storage
        self._in_charge = in_charge
        #: Until when the votes of banned members were looked at, by the database's clock.
        self._counted_at = 0.0
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._work, name="sweeper", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        # A sweep under way is left to the process's end: it may take long, and nothing hangs on it.
        self._closed.set()

    def _work(self) -> None:
        due = time.monotonic()
        while not self._closed.wait(_LOOK_EVERY_S):
            if self._in_charge():
                self._do(expire, "removed %d objects of pictures kept long enough")
                self._do(self._count_votes, "counted the votes for %d pictures anew")
            if self._in_charge() and time.monotonic() >= due:
                self._do(sweep, "removed %d objects that nothing needs")
                due = time.monotonic() + _EVERY_S

    def _count_votes(self, database: Database, _storage: Storage) -> int:
        """Where a ban ran out, and where whoever banned or lifted was stopped before they had counted."""
        with database.read() as session:
            looked_at, bans = changed_bans(session, self._counted_at - _UNSEEN_S)
        count = sum(mend_votes(database, guild_id, voter_id=member_id) for guild_id, member_id in bans)
        self._counted_at = looked_at
        return count

    def _do(self, duty: Callable[[Database, Storage], int], told: str) -> None:
        try:
            count = duty(self._database, self._storage)
            if count:
                logger.info(told, count)
        except PASSING as error:
            logger.warning("not swept to the end: %s", error)
        except Exception:
            # This thread must not end: nothing would ever be swept again.
            logger.exception("sweeping failed")


def _pages(entries: Iterable[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    iterator = iter(entries)
    while page := list(itertools.islice(iterator, _PAGE)):
        yield page
