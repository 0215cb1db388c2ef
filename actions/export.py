"""Everything that the studio keeps about oneself, as one archive."""

from __future__ import annotations

import json
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from actions.person import Person
from actions.studio import Studio
from core.errors import ObjectMissing
from core.inputs import input_key
from core.storage import new_export_key
from db.exporting import inputs_of, objects_of, records_of

#: Seconds that a stored file's address works; the keeper removes it after a day.
LINK_LIFE_S = 24 * 3600


@dataclass(frozen=True, kw_only=True)
class Exported:
    """A file for its member: handed over where it is small, else stored."""

    #: None where it is larger than what was asked for.
    data: bytes | None
    #: Key of the stored object; None where `data` is there.
    key: str | None
    #: An address of the stored object, where the storage has one.
    url: str | None
    #: Bytes.
    size: int


def export(studio: Studio, person: Person, *, limit: int) -> Exported:
    """A ZIP with a JSON Lines file for each kind of record and every picture. Blocks on the storage.

    Args:
        limit: bytes that can be handed over; what is larger is stored for a day under a name that nobody
            can guess.

    Raises:
        StorageError: the storage failed.
    """
    with tempfile.NamedTemporaryFile(suffix=".zip") as file:
        path = Path(file.name)
        _write(studio, person.member_id, path)
        return hand_over(studio, person, path, "application/zip", limit=limit)


def hand_over(studio: Studio, person: Person, path: Path, content_type: str, *, limit: int) -> Exported:
    """A file's bytes; where they are more than `limit`, the file is stored as `export` says."""
    size = path.stat().st_size
    if size <= limit:
        return Exported(data=path.read_bytes(), key=None, url=None, size=size)
    key = new_export_key(person.member_id, path.suffix[1:])
    studio.storage.put_file(key, path, content_type)
    return Exported(data=None, key=key, url=studio.storage.url(key, LINK_LIFE_S), size=size)


def _write(studio: Studio, member_id: int, path: Path) -> None:
    with studio.database.read() as session, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, rows in records_of(session, member_id):
            with archive.open(f"{name}.jsonl", "w") as lines:
                for row in rows:
                    lines.write((json.dumps(row, ensure_ascii=False) + "\n").encode())
        made = objects_of(session, member_id)
        pictures = [(f"pictures/{key.removeprefix('jobs/')}", key) for key in made]
        given = [(f"given/{sha256}.png", input_key(sha256)) for sha256 in inputs_of(session, member_id)]
    with zipfile.ZipFile(path, "a", zipfile.ZIP_STORED) as archive:
        for name, key in [*pictures, *given]:
            try:
                archive.writestr(name, studio.storage.get(key))
            except ObjectMissing:
                # Deleted since it was listed.
                continue
