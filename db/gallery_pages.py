"""Looking through a server's gallery, a page at a time: as fast at the thousandth page as at the first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, exists, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.gallery import Order
from db.gallery import Entry, entry_from
from db.gallery_tables import GalleryEntryRow, GalleryWordRow
from db.rarest import rarest_first


@dataclass(frozen=True)
class Cursor:
    """The last entry of a page, after which the next one begins."""

    votes: int
    entry_id: int


def gallery_page(
    session: Session,
    guild_id: int,
    *,
    order: Order = Order.NEWEST,
    words: Sequence[str] = (),
    member_id: int | None = None,
    age_restricted: bool = False,
    after: Cursor | None = None,
    limit: int,
) -> list[Entry]:
    """Entries of a server, in order.

    Args:
        words: all of which they are found by: words of the prompt, and tags ("#night").
        member_id: whose they are; None is anybody's.
        age_restricted: those that are for age-restricted channels, too.
        after: where the page begins; None is the first.
    """
    if words:
        first, *others = rarest_first(session, words, lambda word: _entries_with(guild_id, word))
        query = _with_word(guild_id, first, others)
        votes, entry_id = GalleryWordRow.votes, GalleryWordRow.entry_id
    else:
        query = select(GalleryEntryRow).where(GalleryEntryRow.guild_id == guild_id)
        votes, entry_id = GalleryEntryRow.votes, GalleryEntryRow.id
    if member_id is not None:
        query = query.where(GalleryEntryRow.member_id == member_id)
    if not age_restricted:
        query = query.where(GalleryEntryRow.age_restricted.is_(False))
    if after is not None:
        query = query.where(_beyond(order, votes, entry_id, after))
        if order == Order.NEWEST:
            # Said of the entries, too: PostgreSQL does not see it through the join, and begins at the newest.
            query = query.where(GalleryEntryRow.id < after.entry_id)
    sorting = [entry_id.desc()] if order == Order.NEWEST else [votes.desc(), entry_id.desc()]
    return [entry_from(row) for row in session.scalars(query.order_by(*sorting).limit(limit))]


def _entries_with(guild_id: int, word: str) -> Select[int]:
    return select(GalleryWordRow.entry_id).where(
        GalleryWordRow.guild_id == guild_id, GalleryWordRow.word == word
    )


def _with_word(guild_id: int, first: str, others: Sequence[str]) -> Select[GalleryEntryRow]:
    query = (
        select(GalleryEntryRow)
        .join(GalleryWordRow, GalleryWordRow.entry_id == GalleryEntryRow.id)
        .where(GalleryWordRow.guild_id == guild_id, GalleryWordRow.word == first)
    )
    for word in others:
        other = GalleryWordRow.__table__.alias()
        has_it = exists().where(
            other.c.guild_id == guild_id, other.c.word == word, other.c.entry_id == GalleryEntryRow.id
        )
        query = query.where(has_it)
    return query


def _beyond(
    order: Order, votes: InstrumentedAttribute[int], entry_id: InstrumentedAttribute[int], after: Cursor
) -> ColumnElement[bool]:
    if order == Order.NEWEST:
        return entry_id < after.entry_id
    return tuple_(votes, entry_id) < tuple_(after.votes, after.entry_id)
