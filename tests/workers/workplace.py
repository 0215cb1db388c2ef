"""A worker without its process: real database, storage, claims and leases around a stub engine."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from core.errors import StorageError
from core.events import Event, EventKind
from core.storage import DirectoryStorage
from db.engine import Database
from db.workers import WorkerInfo
from tests.db.studio import Studio
from tests.model_specs import model_spec
from tests.workers.stub_engine import StubEngine
from workers.leases import Leases
from workers.presence import Presence
from workers.runner import Runner
from workers.tools import Tools

WORKER = "host/worker"


def wait_for(condition: Callable[[], object], seconds: float = 15.0) -> None:
    """Wait until it is true; fails the test where it does not get so."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, f"not within {seconds} s"
        time.sleep(0.01)


class Workplace:
    """Parts of one worker, in this process."""

    def __init__(self, studio: Studio, storage: DirectoryStorage, *, lease_s: float = 5.0) -> None:
        self.studio = studio
        self.storage = FlakyStorage(storage)
        self.database = FlakyDatabase(studio.database)
        self.engine = StubEngine()
        self.events: list[Event] = []
        self.engine_stops = 0
        self.tools = Tools(
            database=self.database,  # type: ignore[arg-type]
            storage=self.storage,
            engine=self.engine,
            publish=self.events.append,
            engine_stopped=self._count_stop,
            worker_id=WORKER,
            lease_s=lease_s,
        )
        info = WorkerInfo(id=WORKER, host="host", device="cpu")
        self.presence = Presence(info, [model_spec()], self.tools)
        self.runner = Runner(self.tools, limit=16, look_every_s=30.0)
        self.leases = Leases(self.tools, self.presence, self.runner.running)

    @contextmanager
    def working(self) -> Iterator[None]:
        self.presence.begin()
        self.leases.start()
        self.runner.start()
        try:
            yield
        finally:
            self.engine.gate.set()
            self.runner.close(grace_s=5.0)
            self.leases.close()

    def wait_for_end(self, job_id: str) -> None:
        """Until the job is final and its thread gone."""
        wait_for(lambda: self.studio.job(job_id).is_final)
        wait_for(lambda: not self.runner.running())

    def deliveries(self) -> list[str]:
        """Jobs whose end was told to the bot."""
        return [event.job_id for event in self.events if event.kind is EventKind.DELIVERY]

    def _count_stop(self) -> None:
        self.engine_stops += 1


class FlakyStorage:
    """Fails the next `failures` times that it is written to, after having written."""

    def __init__(self, storage: DirectoryStorage) -> None:
        self._storage = storage
        self.failures = 0

    def __getattr__(self, name: str) -> object:
        return getattr(self._storage, name)

    def put(self, key: str, data: bytes, content_type: str) -> None:
        self._storage.put(key, data, content_type)
        if self.failures:
            self.failures -= 1
            raise StorageError("the answer got lost")


class FlakyDatabase:
    """Loses the connection right after the next `failures` commits."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.failures = 0

    def __getattr__(self, name: str) -> object:
        return getattr(self._database, name)

    @contextmanager
    def begin(self) -> Iterator[Session]:
        with self._database.begin() as session:
            yield session
        if self.failures:
            self.failures -= 1
            raise OperationalError("COMMIT", None, ConnectionError("server closed the connection"))
