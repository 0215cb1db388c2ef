"""A server's gallery: published pictures, their votes, and how they are found."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from core.gallery import PostKind
from db.gallery_posts import SETTLE_S, touch_posts, want_post
from db.gallery_tables import (
    CollectionItemRow,
    CollectionRow,
    ContestEntryRow,
    ContestRow,
    GalleryEntryRow,
    GallerySettingsRow,
    GalleryWordRow,
    VoteRow,
)
from db.once import insert_once
from db.tables import GuildRow
from db.votes import counted_votes, forget_votes, lock_votes

#: Where a server's managers said nothing.
THRESHOLD = 3
MIN_ACCOUNT_DAYS = 7

#: In place of a member who asked to be erased.
ERASED = 0


@dataclass(frozen=True, kw_only=True)
class GallerySettings:
    #: Where pictures with enough votes are posted; None is nowhere.
    channel_id: int | None = None
    #: Votes that are enough.
    threshold: int = THRESHOLD
    #: Votes of accounts that were younger when they voted do not count.
    min_account_days: int = MIN_ACCOUNT_DAYS


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A published picture, as it was when it was read."""

    id: int
    guild_id: int
    job_id: str
    #: Which of the job's pictures, 0-based.
    index: int
    member_id: int
    #: It is shown in age-restricted channels only.
    age_restricted: bool
    votes: int
    #: Seconds since 1970 by the database's clock.
    created_at: float


def gallery_settings(session: Session, guild_id: int) -> GallerySettings:
    row = session.get(GallerySettingsRow, guild_id)
    if row is None:
        return GallerySettings()
    return GallerySettings(
        channel_id=row.channel_id, threshold=row.threshold, min_account_days=row.min_account_days
    )


def set_gallery(session: Session, guild_id: int, **values: int | None) -> None:
    """Change some of a server's settings. After another age of accounts `db.recounts` follows."""
    insert_once(session, GuildRow, id=guild_id)
    insert_once(
        session,
        GallerySettingsRow,
        guild_id=guild_id,
        threshold=THRESHOLD,
        min_account_days=MIN_ACCOUNT_DAYS,
    )
    session.execute(
        update(GallerySettingsRow).where(GallerySettingsRow.guild_id == guild_id).values(**values)
    )


def publish(
    session: Session,
    *,
    guild_id: int,
    job_id: str,
    index: int,
    member_id: int,
    age_restricted: bool,
    words: Collection[str],
) -> Entry | None:
    """Put a job's picture into the gallery, with the words and tags that it is found by.

    Returns:
        The entry with the votes that it has already; None where one of the job's pictures is there.
    """
    lock_votes(session, job_id)
    made = insert_once(
        session,
        GalleryEntryRow,
        guild_id=guild_id,
        job_id=job_id,
        index=index,
        member_id=member_id,
        age_restricted=age_restricted,
    )
    entry = entry_of(session, job_id)
    if not made or entry is None:
        return None
    session.add_all(
        GalleryWordRow(guild_id=guild_id, word=word, entry_id=entry.id, votes=0) for word in sorted(words)
    )
    session.flush()
    recount(session, job_id)
    return entry_of(session, job_id)


def withdraw(session: Session, job_id: str) -> bool:
    """Take a job's picture out of the gallery and contests; False where it is not there.

    The bot takes its message away.
    """
    lock_votes(session, job_id)
    entry = entry_of(session, job_id)
    if entry is None:
        return False
    contests = session.scalars(
        select(ContestEntryRow.contest_id).where(ContestEntryRow.entry_id == entry.id)
    ).all()
    session.execute(delete(GalleryEntryRow).where(GalleryEntryRow.id == entry.id))
    touch_posts(session, PostKind.ENTRY, [entry.id])
    touch_posts(session, PostKind.WINNERS, contests)
    return True


def forget_job(session: Session, job_id: str) -> None:
    """A job is erased: it leaves the gallery, collections and favourites."""
    withdraw(session, job_id)
    session.execute(delete(CollectionItemRow).where(CollectionItemRow.job_id == job_id))
    forget_votes(session, job_id)


def entry_of(session: Session, job_id: str) -> Entry | None:
    """A job's published picture."""
    return _entry(session.scalar(_fresh().where(GalleryEntryRow.job_id == job_id)))


def get_entry(session: Session, entry_id: int) -> Entry | None:
    return _entry(session.scalar(_fresh().where(GalleryEntryRow.id == entry_id)))


def entries_of(session: Session, guild_id: int, member_id: int, *, limit: int) -> list[Entry]:
    """A member's published pictures, the newest first."""
    rows = session.scalars(
        _fresh()
        .where(GalleryEntryRow.member_id == member_id, GalleryEntryRow.guild_id == guild_id)
        .order_by(GalleryEntryRow.id.desc())
        .limit(limit)
    )
    return [entry_from(row) for row in rows]


def recount(session: Session, job_id: str) -> None:
    """Bring an entry's votes up to date, and its message; the caller holds the job's votes (`db.votes`)."""
    before = entry_of(session, job_id)
    if before is None:
        return
    settings = gallery_settings(session, before.guild_id)
    _set_votes(session, before.id, settings.min_account_days)
    after = entry_of(session, job_id)
    assert after is not None, "whoever withdraws it waits for this"
    if after.votes == before.votes:
        return
    touch_posts(session, PostKind.ENTRY, [after.id], delay_s=SETTLE_S)
    if settings.channel_id is not None and after.votes >= settings.threshold:
        want_post(
            session,
            PostKind.ENTRY,
            after.id,
            guild_id=after.guild_id,
            channel_id=settings.channel_id,
        )


def recount_all(session: Session, job_ids: Sequence[str]) -> None:
    """The same for several jobs, always in the same order, so that no two wait for each other."""
    for job_id in sorted(job_ids):
        lock_votes(session, job_id)
        recount(session, job_id)


def erase_member(session: Session, member_id: int) -> None:
    """Everything of a member's in galleries goes: pictures, favourites, votes and collections."""
    own = session.scalars(select(GalleryEntryRow.job_id).where(GalleryEntryRow.member_id == member_id)).all()
    for job_id in sorted(own):
        withdraw(session, job_id)
    voted = session.scalars(select(VoteRow.job_id).where(VoteRow.member_id == member_id)).all()
    for job_id in sorted(voted):
        lock_votes(session, job_id)
    session.execute(delete(VoteRow).where(VoteRow.member_id == member_id))
    recount_all(session, voted)
    session.execute(delete(CollectionRow).where(CollectionRow.member_id == member_id))
    session.execute(update(ContestRow).where(ContestRow.by_id == member_id).values(by_id=ERASED))


def _set_votes(session: Session, entry_id: int, min_account_days: int) -> None:
    session.execute(
        update(GalleryEntryRow)
        .where(GalleryEntryRow.id == entry_id)
        .values(votes=counted_votes(min_account_days))
        .execution_options(synchronize_session=False)
    )
    votes = select(GalleryEntryRow.votes).where(GalleryEntryRow.id == entry_id).scalar_subquery()
    session.execute(
        update(GalleryWordRow)
        .where(GalleryWordRow.entry_id == entry_id)
        .values(votes=votes)
        .execution_options(synchronize_session=False)
    )


_COLUMNS = [field.name for field in fields(Entry)]


def entry_from(row: GalleryEntryRow) -> Entry:
    """The row as the other parts may see it."""
    return Entry(**{name: getattr(row, name) for name in _COLUMNS})


def _entry(row: GalleryEntryRow | None) -> Entry | None:
    return None if row is None else entry_from(row)


def _fresh() -> Select[GalleryEntryRow]:
    # A session may have met the row before an UPDATE changed it.
    return select(GalleryEntryRow).execution_options(populate_existing=True)
