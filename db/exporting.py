"""Everything that the studio keeps about one member, for them to take along."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, select, union
from sqlalchemy.orm import Session

from core.preferences import Level
from db.account_tables import AccountTierRow
from db.audit import is_about
from db.base import Base
from db.copy_tables import CopyRow
from db.gallery_tables import (
    CollectionItemRow,
    CollectionRow,
    ContestEntryRow,
    GalleryEntryRow,
    VoteRow,
)
from db.input_tables import HeldInputRow, JobInputRow
from db.moderation_tables import AppealRow, AuditRow, ReportRow, SanctionRow
from db.preference_tables import SettingRow
from db.tables import AccountRow, ImageRow, JobRow, LedgerRow, MemberRow

#: Of no use outside, and some are secrets.
_LEFT_OUT = frozenset({"interaction_token", "lease_until", "worker_id", "bot_id"})
#: Who did what is in a row; it is told to themselves, and moderators are named to nobody else.
_ACTORS = frozenset({"by_id", "ruled_by", "actor_id"})
_AT_ONCE = 500


def records_of(session: Session, member_id: int) -> Iterator[tuple[str, Iterator[dict[str, Any]]]]:
    """(name of a table, its rows about the member), read in the caller's one transaction."""
    for table, is_theirs in _tables(member_id):
        yield table.__tablename__, _rows(session, table, is_theirs, member_id)


def objects_of(session: Session, member_id: int) -> list[str]:
    """Object key of every picture made for the member, by job."""
    query = (
        select(ImageRow.key)
        .join(JobRow, JobRow.id == ImageRow.job_id)
        .where(JobRow.member_id == member_id, JobRow.deleted_at.is_(None), ImageRow.held.is_(False))
        .order_by(JobRow.created_at, ImageRow.job_id, ImageRow.key)
    )
    return list(session.scalars(query))


def inputs_of(session: Session, member_id: int) -> list[str]:
    """SHA-256 of every picture that the member gave and a job of theirs needs, or that they hold."""
    needed = (
        select(JobInputRow.sha256)
        .join(JobRow, JobRow.id == JobInputRow.job_id)
        .where(JobRow.member_id == member_id, JobRow.deleted_at.is_(None))
    )
    held = select(HeldInputRow.sha256).where(HeldInputRow.member_id == member_id)
    return sorted(session.scalars(union(needed, held)))


def _tables(member_id: int) -> list[tuple[type[Base], ColumnElement[bool]]]:
    accounts = select(AccountRow.id).where(AccountRow.member_id == member_id)
    jobs = select(JobRow.id).where(JobRow.member_id == member_id, JobRow.deleted_at.is_(None))
    collections = select(CollectionRow.id).where(CollectionRow.member_id == member_id)
    sanctions = select(SanctionRow.id).where(SanctionRow.member_id == member_id)
    return [
        (MemberRow, MemberRow.id == member_id),
        (AccountRow, AccountRow.member_id == member_id),
        (AccountTierRow, AccountTierRow.account_id.in_(accounts)),
        (LedgerRow, LedgerRow.account_id.in_(accounts)),
        (JobRow, JobRow.id.in_(jobs)),
        (ImageRow, ImageRow.job_id.in_(jobs)),
        (CopyRow, CopyRow.member_id == member_id),
        (JobInputRow, JobInputRow.job_id.in_(jobs)),
        (HeldInputRow, HeldInputRow.member_id == member_id),
        (VoteRow, VoteRow.member_id == member_id),
        (GalleryEntryRow, GalleryEntryRow.member_id == member_id),
        (CollectionRow, CollectionRow.member_id == member_id),
        (CollectionItemRow, CollectionItemRow.collection_id.in_(collections)),
        (ContestEntryRow, ContestEntryRow.member_id == member_id),
        (SettingRow, (SettingRow.level == Level.MEMBER) & (SettingRow.owner_id == member_id)),
        (SanctionRow, SanctionRow.member_id == member_id),
        (AppealRow, AppealRow.sanction_id.in_(sanctions)),
        (ReportRow, ReportRow.reporter_id == member_id),
        (AuditRow, (AuditRow.actor_id == member_id) | is_about(member_id)),
    ]


def _rows(
    session: Session, table: type[Base], is_theirs: ColumnElement[bool], member_id: int
) -> Iterator[dict[str, Any]]:
    kept = [column for column in table.__table__.columns if column.name not in _LEFT_OUT]
    rows = session.execute(select(*kept).where(is_theirs).execution_options(yield_per=_AT_ONCE))
    for row in rows.mappings():
        yield {name: value for name, value in row.items() if name not in _ACTORS or value == member_id}
