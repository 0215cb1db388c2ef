"""Which of its kind on this machine a process is: the first place that no living process holds.

A place is a file lock, which the kernel lets go however the process ends. So who gets a place knows that its
former holder is dead: a worker gives that one's jobs back at once, without waiting for their leases to end.
Two machines may have one host name, so the file also holds a random id, drawn by the first holder.
"""

from __future__ import annotations

import fcntl
import itertools
import secrets
import socket
from pathlib import Path
from typing import IO

_ID_BYTES = 8


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
        #: The same for every process that holds this place, one after the other, and for no other.
        self.holder_id = f"{socket.gethostname()}/{self.process_name}/{_lasting_id(self._file)}"

    def close(self) -> None:
        self._file.close()


def _names(kind: str) -> itertools.chain[str]:
    return itertools.chain((kind,), (f"{kind}-{number}" for number in itertools.count(2)))


def _locked(path: Path) -> IO[str] | None:
    file = path.open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def _lasting_id(file: IO[str]) -> str:
    """The id in a place's file, drawn by the first who holds it."""
    file.seek(0)
    lasting = file.read().strip()
    if len(lasting) != 2 * _ID_BYTES:
        lasting = secrets.token_hex(_ID_BYTES)
        file.truncate(0)
        file.write(lasting)
        file.flush()
    return lasting
