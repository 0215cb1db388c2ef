"""Stored pictures: rows that say where an image lies and how to make it again."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.jobs import ImageKind
from db.tables import ImageRow


@dataclass(frozen=True, kw_only=True)
class NewImage:
    """A picture that a worker has stored."""

    #: 0-based among the job's images; 0 for a grid.
    index: int
    kind: ImageKind
    #: Object key in storage.
    key: str
    #: Hex digest of the file's bytes.
    sha256: str
    #: Pixels.
    width: int
    height: int
    #: Size of the file.
    bytes: int
    #: `core.recipe.Recipe` as JSON; None for a grid.
    recipe: dict[str, Any] | None = None
    #: The safety checker would have held it back; it is shown behind a spoiler.
    flagged: bool = False
    #: It waits for a moderator.
    held: bool = False


@dataclass(frozen=True, kw_only=True)
class StoredImage(NewImage):
    """A picture of a job, as it was when it was read."""

    job_id: str
    #: Seconds since 1970 by the database's clock.
    created_at: float


_COLUMNS = [field.name for field in fields(StoredImage)]


def images_of(
    session: Session, job_id: str, kind: ImageKind | None = ImageKind.RESULT, *, held: bool = False
) -> list[StoredImage]:
    """A job's pictures of one kind (None: all) in the order of their index.

    Args:
        held: those that wait for a moderator, whom alone they may be shown to, in place of all others.
    """
    query = select(ImageRow).where(ImageRow.job_id == job_id, ImageRow.held.is_(held))
    if kind is not None:
        query = query.where(ImageRow.kind == kind)
    return [_image_of(row) for row in session.scalars(query.order_by(ImageRow.kind, ImageRow.index))]


def _image_of(row: ImageRow) -> StoredImage:
    return StoredImage(**{name: getattr(row, name) for name in _COLUMNS})
