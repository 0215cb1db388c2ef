"""Which of its kind on this machine a process is: the first place that no living process holds.

A place is a file lock, which the kernel lets go however the process ends. So who gets a place knows that its
former holder is dead: a worker gives that one's jobs back at once, without waiting for their leases to end.
"""

from __future__ import annotations

import fcntl
import itertools
import os
import socket
from pathlib import Path
from typing import IO


class Slot:
    """A place held until `close` or the process's end.

    Args:
        kind: "worker" or "keeper"; the places are called `worker`, `worker-2`, `worker-3`...
    """

    def __init__(self, run_dir: Path, kind: str) -> None:
        run_dir.mkdir(parents=True, exist_ok=True)
        self.process_name, self._file = next(
            (name, file) for name in _names(kind) if (file := _locked(run_dir / f"{name}.lock")) is not None
        )
        self._file.truncate(0)
        self._file.write(f"{os.getpid()}\n")
        self._file.flush()

    @property
    def holder_id(self) -> str:
        """The same for every process that holds this place of this machine, one after the other."""
        return f"{socket.gethostname()}/{self.process_name}"

    def close(self) -> None:
        self._file.close()


def _names(kind: str) -> itertools.chain[str]:
    return itertools.chain((kind,), (f"{kind}-{number}" for number in itertools.count(2)))


def _locked(path: Path) -> IO[str] | None:
    file = path.open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file
