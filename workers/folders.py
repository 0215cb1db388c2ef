"""Watches the model directories, so that what is dropped in or taken out needs no restart."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

logger = logging.getLogger(__name__)

_EVERY_S = 10.0
#: `<directory>/<kind>/<add-on>/<part>`: nothing that counts lies deeper.
_DEPTH = 4

#: Size in bytes and time of modification of each file.
_Snapshot = dict[Path, tuple[int, int]]


class FolderWatch:
    """Looks at the directories every few seconds until `close`.

    A file that is being copied changes from look to look; what changed counts once it has stopped.
    """

    def __init__(
        self, directories: Iterable[Path], changed: Callable[[], object], *, every_s: float = _EVERY_S
    ) -> None:
        """
        Args:
            changed: called on the watch's thread; what it raises is logged, and it is called again only when
                something changes again.
        """
        self._directories = list(directories)
        self._changed = changed
        self._every_s = every_s
        #: What `changed` was last told of, and what the last look saw.
        self._told = self._seen = _snapshot(self._directories)
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._work, name="folders", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._closed.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._closed.wait(self._every_s):
            try:
                self._look()
            except Exception:
                logger.exception("looking at the model directories failed")

    def _look(self) -> None:
        now = _snapshot(self._directories)
        settled = now == self._seen
        self._seen = now
        if settled and now != self._told:
            self._told = now
            self._changed()


def _snapshot(directories: Iterable[Path]) -> _Snapshot:
    return {path: stat for directory in directories for path, stat in _files(directory, _DEPTH)}


def _files(folder: Path, depth: int) -> Iterator[tuple[Path, tuple[int, int]]]:
    """Files below a folder; what begins with a dot is nobody's model, such as downloads under way."""
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        try:
            if entry.is_dir() and depth > 1:
                yield from _files(Path(entry.path), depth - 1)
            elif entry.is_file():
                status = entry.stat()
                yield Path(entry.path), (status.st_size, status.st_mtime_ns)
        except OSError:
            # It went away between two looks, or is a link to nothing.
            continue
