"""How the studio is: its workers, its queue, and whether what it stands on answers."""

from __future__ import annotations

import time
from dataclasses import dataclass

from actions.person import Person
from actions.rights import Verb, may
from actions.studio import Studio
from core.errors import StorageError
from db.queue import QueueSize, queue_size
from db.workers import LiveWorker, live_workers

#: No picture has this key.
_NO_KEY = "health/none"


@dataclass(frozen=True, kw_only=True)
class StudioHealth:
    workers: tuple[LiveWorker, ...]
    queue: QueueSize
    #: E.g. "postgresql".
    database: str
    #: Milliseconds that it took to ask for the above.
    database_ms: float
    #: Milliseconds that the storage took to answer; None where it did not.
    storage_ms: float | None


def health(studio: Studio, person: Person) -> StudioHealth:
    """Blocks on the storage. Raises NotAllowed where the person does not own the studio."""
    begun = time.monotonic()
    with studio.database.read() as session:
        may(session, person, Verb.OWN)
        workers, queue = live_workers(session), queue_size(session)
    return StudioHealth(
        workers=tuple(workers),
        queue=queue,
        database=studio.database.engine.dialect.name,
        database_ms=1000 * (time.monotonic() - begun),
        storage_ms=_storage_ms(studio),
    )


def _storage_ms(studio: Studio) -> float | None:
    begun = time.monotonic()
    try:
        studio.storage.exists(_NO_KEY)
    except StorageError:
        return None
    return 1000 * (time.monotonic() - begun)
