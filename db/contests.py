"""Contests: a theme, a closing time by the database's clock, and the votes that entries have at that time."""

from __future__ import annotations

from dataclasses import dataclass, fields

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from core.gallery import PostKind
from db.clock import now
from db.gallery import Entry, entry_from, gallery_settings
from db.gallery_posts import touch_posts, want_post
from db.gallery_tables import ContestEntryRow, ContestRow, GalleryEntryRow
from db.once import insert_once
from db.tables import GuildRow
from db.votes import counted_votes


@dataclass(frozen=True, kw_only=True)
class Contest:
    """Times are seconds since 1970 by the database's clock."""

    id: int
    guild_id: int
    channel_id: int
    theme: str
    #: Who began it.
    by_id: int
    created_at: float
    closes_at: float
    #: When it was closed or cancelled.
    ended_at: float | None
    cancelled: bool


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A picture in a contest."""

    entry: Entry
    #: At the closing time, or until now.
    votes: int


def start_contest(
    session: Session, *, guild_id: int, channel_id: int, theme: str, by_id: int, lasts_s: float
) -> Contest | None:
    """Begin a contest, which the bot announces; None while another of the server's is open."""
    insert_once(session, GuildRow, id=guild_id)
    made = insert_once(
        session,
        ContestRow,
        guild_id=guild_id,
        channel_id=channel_id,
        theme=theme,
        by_id=by_id,
        closes_at=now() + lasts_s,
    )
    contest = open_contest(session, guild_id)
    if not made or contest is None:
        return None
    want_post(session, PostKind.CONTEST, contest.id, guild_id=guild_id, channel_id=channel_id)
    return contest


def open_contest(session: Session, guild_id: int) -> Contest | None:
    """A server's contest that has not been closed; it may be past its time for a moment."""
    return _contest(session, _fresh().where(ContestRow.guild_id == guild_id, ContestRow.ended_at.is_(None)))


def get_contest(session: Session, contest_id: int) -> Contest | None:
    return _contest(session, _fresh().where(ContestRow.id == contest_id))


def last_contest(session: Session, guild_id: int) -> Contest | None:
    """A server's open contest, or the one before."""
    mine = _fresh().where(ContestRow.guild_id == guild_id)
    return _contest(session, mine.order_by(ContestRow.id.desc()).limit(1))


def enter_contest(session: Session, guild_id: int, entry: Entry) -> Contest | None:
    """Put a picture into the server's contest, in place of the member's one before.

    Returns:
        The contest; None where none is open, or its time is over.
    """
    contest = _contest(
        session,
        _fresh()
        .where(ContestRow.guild_id == guild_id, ContestRow.ended_at.is_(None), ContestRow.closes_at > now())
        .with_for_update(),
    )
    if contest is None:
        return None
    key = {"contest_id": contest.id, "member_id": entry.member_id}
    if not insert_once(session, ContestEntryRow, **key, entry_id=entry.id):
        session.execute(update(ContestEntryRow).filter_by(**key).values(entry_id=entry.id, entered_at=now()))
    return contest


def cancel_contest(session: Session, guild_id: int) -> Contest | None:
    """End the server's open contest without winners; None where there is none."""
    contest = _contest(
        session,
        _fresh().where(ContestRow.guild_id == guild_id, ContestRow.ended_at.is_(None)).with_for_update(),
    )
    if contest is None:
        return None
    _end(session, contest.id, cancelled=True)
    return get_contest(session, contest.id)


def close_contests(session: Session) -> list[int]:
    """Close the contests whose time is over, with the votes of that time; the bot tells the winners.

    Returns:
        Their ids.
    """
    due = session.scalars(
        _fresh().where(ContestRow.ended_at.is_(None), ContestRow.closes_at <= now()).with_for_update()
    ).all()
    for contest in due:
        _count(session, contest)
        _end(session, contest.id, cancelled=False)
        want_post(
            session,
            PostKind.WINNERS,
            contest.id,
            guild_id=contest.guild_id,
            channel_id=contest.channel_id,
        )
    return [contest.id for contest in due]


def standings(session: Session, contest_id: int, *, limit: int = 100) -> list[Standing]:
    """The pictures in a contest, the best first."""
    votes = func.coalesce(ContestEntryRow.votes, GalleryEntryRow.votes)
    rows = session.execute(
        select(GalleryEntryRow, votes)
        .join(ContestEntryRow, ContestEntryRow.entry_id == GalleryEntryRow.id)
        .where(ContestEntryRow.contest_id == contest_id)
        .order_by(votes.desc(), ContestEntryRow.entered_at, ContestEntryRow.member_id)
        .limit(limit)
        .execution_options(populate_existing=True)
    )
    return [Standing(entry=entry_from(row), votes=count) for row, count in rows]


def entry_count(session: Session, contest_id: int) -> int:
    """How many pictures are in a contest."""
    return session.scalars(select(func.count()).where(ContestEntryRow.contest_id == contest_id)).one()


def _count(session: Session, contest: ContestRow) -> None:
    """Write down the votes that each picture has at the closing time."""
    settings = gallery_settings(session, contest.guild_id)
    counted = session.execute(
        select(ContestEntryRow.member_id, counted_votes(settings.min_account_days, until=contest.closes_at))
        .join(GalleryEntryRow, GalleryEntryRow.id == ContestEntryRow.entry_id)
        .where(ContestEntryRow.contest_id == contest.id)
    ).all()
    for member_id, votes in counted:
        session.execute(
            update(ContestEntryRow)
            .where(ContestEntryRow.contest_id == contest.id, ContestEntryRow.member_id == member_id)
            .values(votes=votes)
        )


def _end(session: Session, contest_id: int, *, cancelled: bool) -> None:
    session.execute(
        update(ContestRow)
        .where(ContestRow.id == contest_id)
        .values(ended_at=now(), cancelled=cancelled)
        .execution_options(synchronize_session=False)
    )
    touch_posts(session, PostKind.CONTEST, [contest_id])


_COLUMNS = [field.name for field in fields(Contest)]


def _contest(session: Session, query: Select[ContestRow]) -> Contest | None:
    row = session.scalar(query)
    return None if row is None else Contest(**{name: getattr(row, name) for name in _COLUMNS})


def _fresh() -> Select[ContestRow]:
    # A session may have met the row before an UPDATE changed it.
    return select(ContestRow).execution_options(populate_existing=True)
