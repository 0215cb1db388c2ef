"""Pictures that are kept no longer than their member's tier says."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.account_tables import AccountTierRow
from db.clock import now
from db.gallery_tables import GalleryEntryRow
from db.jobs import delete_job
from db.tables import JobRow

_DAY_S = 86_400.0


def delete_expired(session: Session, limit: int) -> tuple[int, list[str]]:
    """Delete up to `limit` jobs that ended longer ago than their tier keeps pictures, the oldest first.

    What is published stays until its member, or a moderator, takes it out of the gallery.

    Returns:
        How many they were, and keys of the objects that the caller now deletes from storage.
    """
    published = select(GalleryEntryRow.id).where(GalleryEntryRow.job_id == JobRow.id).exists()
    expired = (
        select(JobRow.id)
        .join(AccountTierRow, AccountTierRow.account_id == JobRow.account_id)
        .where(
            AccountTierRow.retention.is_not(None),
            JobRow.finished_at < now() - AccountTierRow.retention * _DAY_S,
            JobRow.deleted_at.is_(None),
            ~published,
        )
        .order_by(JobRow.finished_at)
        .limit(limit)
    )
    job_ids = session.scalars(expired).all()
    return len(job_ids), [key for job_id in job_ids for key in delete_job(session, job_id)]
