"""Hashes of model folders, remembered between starts: a hash reads every byte of the weights."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

#: What a model is loaded from. Anything else in the folder (pickles, readmes) does not change an image.
_SUFFIXES = frozenset({".safetensors", ".json", ".txt"})


class HashCache:
    """SHA-256 of each file, keyed by its path, size and modification time."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._digests: dict[str, str] = _read(file)
        self._seen: dict[str, str] = {}

    def digest(self, folder: Path, components: Iterable[str]) -> str:
        """SHA-256 (hex) over the names and contents of the components' files.

        Raises:
            ValueError: there are no weights.
        """
        whole = hashlib.sha256()
        files = sorted(_files(folder, components))
        if not any(file.suffix == ".safetensors" for file in files):
            raise ValueError("it holds no .safetensors weights")
        for file in files:
            whole.update(f"{file.relative_to(folder).as_posix()}\0{self._file_digest(file)}\n".encode())
        return whole.hexdigest()

    def digest_all(self, paths: Iterable[Path]) -> str:
        """SHA-256 (hex) over files and folders with all that is in them; of a single file, its own.

        Raises:
            ValueError: a folder has no weights.
            OSError: one can't be read.
        """
        digests = [
            self.digest(path, _folders(path)) if path.is_dir() else self.digest_file(path) for path in paths
        ]
        return digests[0] if len(digests) == 1 else hashlib.sha256("\n".join(digests).encode()).hexdigest()

    def digest_file(self, file: Path) -> str:
        """SHA-256 (hex) of one file. Raises OSError."""
        return self._file_digest(file)

    def save(self) -> None:
        """Remember the hashes seen. Losing them costs time only, so that a full disk is no error."""
        if self._file is None or self._seen == self._digests:
            return
        with suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            fresh = self._file.with_suffix(f".{os.getpid()}.new")
            fresh.write_text(json.dumps(self._seen, indent=0), encoding="utf-8")
            fresh.replace(self._file)

    def _file_digest(self, file: Path) -> str:
        status = file.stat()
        key = f"{file.absolute()}|{status.st_size}|{status.st_mtime_ns}"
        digest = self._digests.get(key)
        if digest is None:
            with file.open("rb") as opened:
                digest = hashlib.file_digest(opened, "sha256").hexdigest()
        self._seen[key] = digest
        return digest


def _folders(folder: Path) -> Iterator[str]:
    """Itself and the folders in it, but what begins with a dot."""
    yield "."
    for inner in folder.rglob("*"):
        name = inner.relative_to(folder)
        if inner.is_dir() and not any(part.startswith(".") for part in name.parts):
            yield name.as_posix()


def _files(folder: Path, components: Iterable[str]) -> Iterator[Path]:
    for component in components:
        yield from (file for file in (folder / component).iterdir() if file.suffix in _SUFFIXES)


def _read(file: Path | None) -> dict[str, str]:
    with suppress(OSError, ValueError, AttributeError):
        if file is not None:
            return {str(key): str(value) for key, value in json.loads(file.read_text("utf-8")).items()}
    return {}
