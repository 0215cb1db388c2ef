"""Pictures that are kept no longer than their member's tier says."""

from __future__ import annotations

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from db.account_tables import AccountTierRow
from db.clock import now
from db.gallery_tables import GalleryEntryRow
from db.jobs import delete_job
from db.tables import JobRow

_DAY_S = 86_400.0


def any_expired(session: Session) -> bool:
    """Whether there is anything for `delete_expired`: to ask keeps no writer waiting."""
    return session.scalar(_expired().limit(1)) is not None


def delete_expired(session: Session, limit: int) -> list[str]:
    """Delete up to `limit` jobs that ended longer ago than their tier keeps pictures.

    What is published stays until its member, or a moderator, takes it out of the gallery.

    Returns:
        Keys of the objects that the caller now deletes from storage.
    """
    job_ids = session.scalars(_expired().limit(limit)).all()
    return [key for job_id in job_ids for key in delete_job(session, job_id)]


def _expired() -> Select[str]:
    published = select(GalleryEntryRow.id).where(GalleryEntryRow.job_id == JobRow.id).exists()
    # The sum keeps the planner from looking up the tier of each job there is: it begins with the accounts
    # that have a retention, and an index leads to those of their jobs that are over their time.
    of_account = JobRow.account_id == AccountTierRow.account_id + 0
    return (
        select(JobRow.id)
        .join(AccountTierRow, of_account)
        .where(
            AccountTierRow.retention.is_not(None),
            JobRow.finished_at < now() - AccountTierRow.retention * _DAY_S,
            JobRow.deleted_at.is_(None),
            ~published,
        )
    )
