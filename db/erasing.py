"""Erasing a member: what was theirs goes, what must stay (ledger, audit, lasting sanctions) names nobody.

Their jobs and accounts go over to a new member with a random negative id, which nobody has in Discord, so
that balances keep adding up and a job that runs ends as any other.
"""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import Delete, Update, delete, null, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.inputs import input_key
from core.preferences import Level
from db.account_tables import AccountTierRow
from db.audit import is_about
from db.copies import remove_copies_of, remove_messages_of
from db.erased import remember_erased
from db.gallery import ERASED
from db.gallery import erase_member as erase_from_galleries
from db.inputs import let_go
from db.jobs import Job, delete_job, get_job
from db.moderation_tables import AppealRow, AuditRow, ReportRow, SanctionRow
from db.once import insert_once
from db.preference_tables import SettingRow, SwitchRow
from db.sanctions import in_force
from db.tables import AccountRow, DeliveryRow, JobRow, MemberRow

#: What is left of a lasting sanction's reason.
_NO_REASON = "…"


def delete_next_jobs(session: Session, member_id: int, limit: int) -> tuple[list[Job], list[str]]:
    """Delete up to `limit` of a member's jobs, the newest first, with their messages.

    Returns:
        The jobs as they were, and keys of the objects that the caller now deletes from storage.
    """
    newest = (
        select(JobRow.id)
        .where(JobRow.member_id == member_id, JobRow.deleted_at.is_(None))
        .order_by(JobRow.created_at.desc())
        .limit(limit)
        # All of them before the account that ending the first one locks, as workers have it.
        .with_for_update()
    )
    jobs = [get_job(session, job_id) for job_id in session.scalars(newest).all()]
    found = [job for job in jobs if job is not None]
    keys = [key for job in found for key in delete_job(session, job.id)]
    for job in found:
        remove_messages_of(session, job.id)
    return found, keys


def erase_member(session: Session, member_id: int) -> list[str]:
    """Erase what is left of a member whose jobs are deleted.

    Returns:
        Keys of the objects that the caller now deletes from storage.
    """
    remove_copies_of(session, member_id)
    erase_from_galleries(session, member_id)
    _anonymise_moderation(session, member_id)
    _anonymise_audit(session, member_id)
    keys = [input_key(sha256) for sha256 in let_go(session, member_id)]
    own = (SettingRow.level == Level.MEMBER, SettingRow.owner_id == member_id)
    _run(session, delete(SettingRow).where(*own))
    _hand_over(session, member_id)
    remember_erased(session, member_id)
    return keys


def _anonymise_moderation(session: Session, member_id: int) -> None:
    """Sanctions that count go on counting, without their words; others go."""
    theirs = SanctionRow.member_id == member_id
    _run(session, delete(AppealRow).where(AppealRow.sanction_id.in_(select(SanctionRow.id).where(theirs))))
    _run(session, delete(SanctionRow).where(theirs, ~in_force()))
    _run(session, update(SanctionRow).where(theirs).values(reason=_NO_REASON))
    _run(session, delete(ReportRow).where(ReportRow.reporter_id == member_id))
    for column in (SanctionRow.by_id, ReportRow.ruled_by, AppealRow.ruled_by, SwitchRow.by_id):
        _rename(session, column, member_id, ERASED)


def _anonymise_audit(session: Session, member_id: int) -> None:
    _rename(session, AuditRow.actor_id, member_id, ERASED)
    _run(session, update(AuditRow).where(is_about(member_id)).values(detail=null()))
    _run(session, update(AuditRow).where(AuditRow.subject == str(member_id)).values(subject="erased"))


def _hand_over(session: Session, member_id: int) -> None:
    """Accounts and (deleted) jobs go over to somebody who does not exist."""
    theirs = select(AccountRow.id).where(AccountRow.member_id == member_id)
    # Nobody's accounts are filled up no more.
    _run(session, delete(AccountTierRow).where(AccountTierRow.account_id.in_(theirs)))
    nobody = -1 - secrets.randbelow(2**62)
    insert_once(session, MemberRow, id=nobody)
    # A worker that ends one of them locks it before the account, too.
    _hand_over_jobs(session, member_id, nobody)
    _rename(session, AccountRow.member_id, member_id, nobody)
    sanctioned = session.scalar(select(SanctionRow.id).where(SanctionRow.member_id == member_id).limit(1))
    if sanctioned is None:
        _run(session, delete(MemberRow).where(MemberRow.id == member_id))


def _hand_over_jobs(session: Session, member_id: int, nobody: int) -> None:
    """They say no more where and how they were asked for: a channel of direct messages is one person's."""
    theirs = session.scalars(select(JobRow.id).where(JobRow.member_id == member_id)).all()
    emptied = [
        {
            "id": job_id,
            "member_id": nobody,
            "channel_id": 0,
            "placeholder_message_id": None,
            "interaction_id": -1 - secrets.randbelow(2**62),
        }
        for job_id in theirs
    ]
    if emptied:
        session.execute(update(JobRow), emptied)
    nobodys = select(JobRow.id).where(JobRow.member_id == nobody)
    _run(session, update(DeliveryRow).where(DeliveryRow.job_id.in_(nobodys)).values(message_id=None))


def _rename(session: Session, column: InstrumentedAttribute[Any], old: int, new: int) -> None:
    _run(session, update(column.class_).where(column == old).values({column.key: new}))


def _run(session: Session, statement: Delete | Update) -> None:
    session.execute(statement.execution_options(synchronize_session=False))
