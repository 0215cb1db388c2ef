"""Reports of pictures and appeals against sanctions: the moderators' queue, the oldest first."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from core.moderation import Ruling
from db.clock import now
from db.moderation_tables import AppealRow, ReportRow, SanctionRow
from db.once import insert_once
from db.sanctions import Sanction, sanction_of
from db.tables import JobRow


@dataclass(frozen=True, kw_only=True)
class ReportedJob:
    """A job that members reported, and about which nobody has decided."""

    job_id: str
    reporters: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Appeal:
    sanction: Sanction
    text: str


def add_report(session: Session, guild_id: int, job_id: str, reporter_id: int) -> bool:
    """False where this member has reported the job before."""
    return insert_once(session, ReportRow, guild_id=guild_id, job_id=job_id, reporter_id=reporter_id)


def is_reported(session: Session, guild_id: int, job_id: str) -> bool:
    """Whether reports of the job wait for a moderator."""
    waits = select(ReportRow.id).where(
        ReportRow.guild_id == guild_id, ReportRow.job_id == job_id, ReportRow.ruling.is_(None)
    )
    return session.scalars(waits.limit(1)).first() is not None


def next_reported(session: Session, guild_id: int) -> ReportedJob | None:
    """The job that was reported first, among those that are there and not decided about."""
    open_here = (
        select(ReportRow.job_id, ReportRow.reporter_id)
        .join(JobRow, JobRow.id == ReportRow.job_id)
        .where(ReportRow.guild_id == guild_id, ReportRow.ruling.is_(None), JobRow.deleted_at.is_(None))
        .order_by(ReportRow.id)
    )
    first = session.execute(open_here.limit(1)).first()
    if first is None:
        return None
    reporters = session.execute(open_here.where(ReportRow.job_id == first.job_id)).all()
    return ReportedJob(job_id=first.job_id, reporters=tuple(row.reporter_id for row in reporters))


def open_cases(session: Session, guild_id: int) -> int:
    """Jobs and appeals that wait for a moderator."""
    jobs = session.scalars(
        select(func.count(ReportRow.job_id.distinct()))
        .join(JobRow, JobRow.id == ReportRow.job_id)
        .where(ReportRow.guild_id == guild_id, ReportRow.ruling.is_(None), JobRow.deleted_at.is_(None))
    ).one()
    appeals = session.scalars(
        select(func.count()).where(AppealRow.guild_id == guild_id, AppealRow.granted.is_(None))
    ).one()
    return jobs + appeals


def rule(session: Session, guild_id: int, job_id: str, ruling: Ruling, by_id: int) -> int:
    """Decide about all open reports of a job; how many there were (0: somebody was quicker)."""
    ruled = session.execute(
        update(ReportRow)
        .where(ReportRow.guild_id == guild_id, ReportRow.job_id == job_id, ReportRow.ruling.is_(None))
        .values(ruling=ruling, ruled_by=by_id, ruled_at=now())
        .returning(ReportRow.id)
        .execution_options(synchronize_session=False)
    )
    return len(ruled.all())


def add_appeal(session: Session, sanction: Sanction, text: str) -> bool:
    """False where this sanction was appealed against before."""
    return insert_once(session, AppealRow, sanction_id=sanction.id, guild_id=sanction.guild_id, text=text)


def next_appeal(session: Session, guild_id: int) -> Appeal | None:
    """The appeal that has waited longest."""
    found = session.execute(
        select(AppealRow.text, SanctionRow)
        .join(SanctionRow, SanctionRow.id == AppealRow.sanction_id)
        .where(AppealRow.guild_id == guild_id, AppealRow.granted.is_(None))
        .order_by(AppealRow.created_at, AppealRow.sanction_id)
        .limit(1)
    ).first()
    return None if found is None else Appeal(text=found[0], sanction=sanction_of(found[1]))


def rule_appeal(
    session: Session, guild_id: int, sanction_id: int, *, granted: bool, by_id: int
) -> Sanction | None:
    """Decide about an open appeal; a granted one lifts its sanction. None: there is no such appeal."""
    ruled = session.execute(
        update(AppealRow)
        .where(
            AppealRow.guild_id == guild_id, AppealRow.sanction_id == sanction_id, AppealRow.granted.is_(None)
        )
        .values(granted=granted, ruled_by=by_id, ruled_at=now())
        .returning(AppealRow.sanction_id)
        .execution_options(synchronize_session=False)
    ).first()
    if ruled is None:
        return None
    row = session.scalars(select(SanctionRow).where(SanctionRow.id == sanction_id)).one()
    if granted and row.lifted_at is None:
        session.execute(update(SanctionRow).where(SanctionRow.id == sanction_id).values(lifted_at=now()))
    return sanction_of(row)
