"""Where pictures lie: a small object store with two homes, a directory and an S3 bucket.

Keys are deterministic (`jobs/<job_id>/0.png`), so that storing a picture again after a crash overwrites it
with the same bytes. Rows keep keys, never addresses: addresses expire.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Protocol

from core.errors import ObjectMissing, StorageError
from core.settings import Settings

#: Where archives of members' data lie, for a day.
EXPORTS = "exports/"
#: Parts start with a letter or digit, so `..`, hidden and temporary files can't be named.
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")
_MAX_KEY_CHARACTERS = 512
#: How the names of files that are being written begin.
_UNFINISHED = ".writing-"


@dataclass(frozen=True, kw_only=True)
class StoredObject:
    """One entry of a listing."""

    key: str
    #: Bytes.
    size: int
    #: When it was last written, UTC, by the store's clock.
    modified: datetime


class Storage(Protocol):
    """An object store. Every method raises StorageError where the store fails, ValueError for a bad key."""

    def put(self, key: str, data: bytes, content_type: str) -> None:
        """Store `data`, replacing what was there; readers see the old bytes or the new, never a part."""

    def put_file(self, key: str, path: Path, content_type: str) -> None:
        """The same with a file's bytes, of which there may be more than memory holds."""

    def get(self, key: str) -> bytes:
        """The object's bytes. Raises ObjectMissing where there is none."""

    def delete(self, key: str) -> None:
        """Forget the object; nothing happens where there is none."""

    def exists(self, key: str) -> bool: ...

    def keys(self, prefix: str = "") -> Iterator[StoredObject]:
        """Every object whose key starts with `prefix`, in no promised order, but for foreign ones."""

    def tidy(self, before: datetime) -> None:
        """Remove what crashes left there before that time and what is no object."""

    def url(self, key: str, expires_s: int) -> str | None:
        """An address that anybody can read for `expires_s` seconds, or None where the store has none."""


def exports_of(member_id: int) -> str:
    """How the keys of all archives that a member asked for begin."""
    return f"{EXPORTS}{member_id}-"


def new_export_key(member_id: int, ending: str) -> str:
    """Key of an archive that a member asked for, e.g. a "zip"; nobody can guess it."""
    return f"{exports_of(member_id)}{secrets.token_hex(16)}.{ending}"


def image_key(job_id: str, index: int) -> str:
    """Key of image `index` (0-based) of a job."""
    return f"jobs/{job_id}/{index}.png"


def preview_key(job_id: str) -> str:
    """Key of the one preview of a running job, overwritten as it goes."""
    return f"jobs/{job_id}/preview.webp"


def grid_key(job_id: str) -> str:
    """Key of the picture that shows all images of a job."""
    return f"jobs/{job_id}/grid.webp"


def map_key(job_id: str, index: int) -> str:
    """Key of map `index` (0-based) that was drawn for a job."""
    return f"jobs/{job_id}/map-{index}.png"


def open_storage(settings: Settings) -> Storage:
    """The store that the settings name."""
    if settings.s3 is not None:
        # boto3 takes 0.3 s to import, which an embedded studio need not spend.
        from core.storage_s3 import S3Storage

        return S3Storage(settings.s3)
    return DirectoryStorage(settings.data_dir / "objects")


class DirectoryStorage:
    """Objects as files below `root`. The content type is the file's ending."""

    def __init__(self, root: Path) -> None:
        self._root = root.absolute()

    def put(self, key: str, data: bytes, content_type: str) -> None:  # noqa: ARG002
        path = self._path(key)
        with _disk_errors(key):
            _replace(path, io.BytesIO(data))

    def put_file(self, key: str, path: Path, content_type: str) -> None:  # noqa: ARG002
        target = self._path(key)
        with _disk_errors(key), path.open("rb") as source:
            _replace(target, source)

    def get(self, key: str) -> bytes:
        path = self._path(key)
        with _disk_errors(key):
            return path.read_bytes()

    def delete(self, key: str) -> None:
        path = self._path(key)
        with _disk_errors(key):
            path.unlink(missing_ok=True)

    def exists(self, key: str) -> bool:
        return self._path(key).is_file()

    def keys(self, prefix: str = "") -> Iterator[StoredObject]:
        for folder, _, names in os.walk(self._root / prefix.rpartition("/")[0]):
            for name in names:
                path = Path(folder, name)
                key = path.relative_to(self._root).as_posix()
                if key.startswith(prefix) and is_key(key):
                    yield from _listed(path, key)

    def tidy(self, before: datetime) -> None:
        for folder, _, names in os.walk(self._root, topdown=False):
            for name in names:
                if name.startswith(_UNFINISHED):
                    _remove_old(Path(folder, name), before)
            if Path(folder) != self._root:
                _remove_old(Path(folder), before)

    def url(self, key: str, expires_s: int) -> str | None:  # noqa: ARG002
        check_key(key)
        return None

    def _path(self, key: str) -> Path:
        return self._root / check_key(key)


def is_key(key: str) -> bool:
    return len(key) <= _MAX_KEY_CHARACTERS and _KEY.fullmatch(key) is not None


def check_key(key: str) -> str:
    """The key itself. Raises ValueError for one that could name something outside the store."""
    if not is_key(key):
        raise ValueError(f"{key!r} is no object key: letters, digits, '.', '_' and '-' between slashes.")
    return key


def _replace(path: Path, source: IO[bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Written beside its place, synced, then renamed: a reader or a crash meets the old file or the new one.
    handle, name = tempfile.mkstemp(prefix=_UNFINISHED, dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            shutil.copyfileobj(source, file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_directory(path.parent)


def _sync_directory(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _listed(path: Path, key: str) -> Iterator[StoredObject]:
    # A file may go while the walk is on its way to it.
    with contextlib.suppress(FileNotFoundError):
        stat = path.stat()
        yield StoredObject(key=key, size=stat.st_size, modified=datetime.fromtimestamp(stat.st_mtime, UTC))


def _remove_old(path: Path, before: datetime) -> None:
    """Remove a file or an empty folder."""
    # It may be gone meanwhile, or full.
    with contextlib.suppress(OSError):
        if datetime.fromtimestamp(path.stat().st_mtime, UTC) < before:
            path.rmdir() if path.is_dir() else path.unlink()


@contextlib.contextmanager
def _disk_errors(key: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise ObjectMissing(f"no object {key!r}") from error
    except OSError as error:
        raise StorageError(f"{key!r}: {error.strerror or error}") from error
