"""Members' collections: pictures under a name, in one server; private until they are shared."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.orm import Session

from db.gallery_tables import CollectionItemRow, CollectionRow, GalleryEntryRow
from db.once import insert_once
from db.seen import Viewer, seen_by
from db.tables import GuildRow, JobRow


@dataclass(frozen=True, kw_only=True)
class Collection:
    id: int
    member_id: int
    name: str
    #: Others of the server may look at it.
    shared: bool
    #: Pictures in it, those that only their member may see included.
    size: int


@dataclass(frozen=True, kw_only=True)
class Item:
    """A picture in a collection."""

    job_id: str
    #: Which of the job's pictures, 0-based.
    index: int
    #: Whose picture it is.
    member_id: int


def add_collection(session: Session, guild_id: int, member_id: int, name: str) -> bool:
    """False where the member has one of that name, whatever its capitals."""
    insert_once(session, GuildRow, id=guild_id)
    return insert_once(
        session, CollectionRow, guild_id=guild_id, member_id=member_id, name=name, key=name.casefold()
    )


def find_collection(session: Session, guild_id: int, member_id: int, name: str) -> Collection | None:
    """A member's collection by its name, whatever its capitals."""
    return next(
        (found for found in collections_of(session, guild_id, member_id) if _same(found.name, name)), None
    )


def collections_of(session: Session, guild_id: int, member_id: int) -> list[Collection]:
    """A member's collections in a server, by name."""
    row, item = CollectionRow, CollectionItemRow
    size = select(func.count()).where(item.collection_id == row.id).correlate(row).scalar_subquery()
    found = session.execute(
        select(row.id, row.member_id, row.name, row.shared, size)
        .where(row.guild_id == guild_id, row.member_id == member_id)
        .order_by(row.key)
    )
    return [
        Collection(id=id, member_id=owner, name=name, shared=shared, size=count)
        for id, owner, name, shared, count in found.tuples()
    ]


def drop_collection(session: Session, collection_id: int) -> None:
    """Its pictures stay where they are."""
    session.execute(delete(CollectionRow).where(CollectionRow.id == collection_id))


def share_collection(session: Session, collection_id: int, *, shared: bool) -> None:
    session.execute(update(CollectionRow).where(CollectionRow.id == collection_id).values(shared=shared))


def add_item(session: Session, collection_id: int, job_id: str, index: int) -> bool:
    """False where one of the job's pictures is in it."""
    return insert_once(session, CollectionItemRow, collection_id=collection_id, job_id=job_id, index=index)


def remove_item(session: Session, collection_id: int, job_id: str) -> bool:
    """False where it is not in it."""
    gone = session.execute(
        delete(CollectionItemRow)
        .where(CollectionItemRow.collection_id == collection_id, CollectionItemRow.job_id == job_id)
        .returning(CollectionItemRow.job_id)
        .execution_options(synchronize_session=False)
    )
    return gone.first() is not None


def items_of(
    session: Session,
    collection_id: int,
    *,
    viewer: Viewer,
    after: str | None = None,
    limit: int,
) -> list[Item]:
    """The pictures of a collection that the viewer may see, by job id.

    Args:
        after: the job id after which the page begins; None is the first.
    """
    item = CollectionItemRow
    query = (
        select(item.job_id, item.index, JobRow.member_id)
        .join(JobRow, JobRow.id == item.job_id)
        .where(item.collection_id == collection_id, JobRow.deleted_at.is_(None), seen_by(viewer))
    )
    if not viewer.age_restricted:
        flagged = exists().where(GalleryEntryRow.job_id == item.job_id, GalleryEntryRow.age_restricted)
        query = query.where(~flagged)
    if after is not None:
        query = query.where(item.job_id > after)
    rows = session.execute(query.order_by(item.job_id).limit(limit))
    return [
        Item(job_id=job_id, index=index, member_id=member_id) for job_id, index, member_id in rows.tuples()
    ]


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()
