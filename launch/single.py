"""One studio a data directory: a second one would fight over its socket and answer members twice."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import AtelierError


class AlreadyRunning(AtelierError):
    """Another studio uses the data directory."""


@contextmanager
def only_studio(data_dir: Path) -> Iterator[None]:
    """Hold the data directory until the block ends; the kernel lets go of it when the process dies.

    Raises:
        AlreadyRunning: another process holds it.
    """
    with (data_dir / "run" / "studio.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(
                f"A studio runs on {data_dir} already. Stop it first, or set ATELIER_DATA_DIR."
            ) from None
        yield
