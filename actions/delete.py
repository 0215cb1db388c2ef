"""Delete a job: its pictures and what it asked for are erased; its ledger stays, so that balances add up."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from sqlalchemy.orm import Session

from actions.person import Person
from actions.rights import own_job
from actions.studio import Studio
from core.errors import StorageError
from core.storage import grid_key, preview_key
from db.audit import record
from db.copies import remove_messages_of
from db.jobs import Job, delete_job

logger = logging.getLogger(__name__)


def delete(studio: Studio, person: Person, job_id: str) -> Job:
    """Delete a job, its pictures and its messages; the job as it was.

    Raises:
        NotFound, NotAllowed: no such job, or not theirs.
    """
    with studio.database.begin() as session:
        job = own_job(session, person, job_id)
        keys = delete_rows(session, person, job)
    delete_objects(studio, keys)
    return job


def delete_rows(session: Session, person: Person, job: Job) -> set[str]:
    """The same of a job that they may delete, in the caller's transaction.

    Returns:
        Keys of the objects that the caller deletes after it.
    """
    keys = delete_job(session, job.id)
    remove_messages_of(session, job.id)
    detail = {"member_id": job.member_id}
    record(session, person.member_id, "job.delete", job.id, detail, guild_id=job.guild_id)
    return {*keys, preview_key(job.id), grid_key(job.id)}


def delete_objects(studio: Studio, keys: Iterable[str]) -> None:
    """Delete objects that no row names any more."""
    for key in keys:
        try:
            studio.storage.delete(key)
        except StorageError:
            # The keeper's sweep for orphans takes it.
            logger.warning("%s could not be deleted now", key, exc_info=True)
