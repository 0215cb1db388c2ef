"""Who may see a job and who may change it. Checked at every press: a button's id can be forged."""

from __future__ import annotations

from sqlalchemy.orm import Session

from actions.person import Person
from core.errors import NotAllowed, NotFound
from db.ids import read_job_id
from db.jobs import Job, get_job


def seen_job(session: Session, person: Person, job_id: str) -> Job:
    """The job as this person may see it: their own, or one made openly in this server.

    Raises:
        NotFound: it never was, was deleted, or is not theirs to see; which of them is not told.
    """
    meant = read_job_id(job_id)
    # Whatever else may stand in a forged id, the database need not see it.
    job = get_job(session, meant) if meant.isalnum() and meant.isascii() else None
    if job is None or not _may_see(person, job):
        raise NotFound("There is no such picture here (any more). It may have been deleted.")
    return job


def own_job(session: Session, person: Person, job_id: str) -> Job:
    """The job, for a person who may cancel or delete it: its member, or a moderator of its server.

    Raises:
        NotFound: as `seen_job`.
        NotAllowed: it is another member's.
    """
    job = seen_job(session, person, job_id)
    if job.member_id != person.member_id and not _moderates(person, job):
        raise NotAllowed("This is another member's picture; they or a moderator can do that.")
    return job


def _may_see(person: Person, job: Job) -> bool:
    if job.member_id == person.member_id or _moderates(person, job):
        return True
    return not job.ephemeral and _same_server(person, job)


def _moderates(person: Person, job: Job) -> bool:
    return person.is_moderator and _same_server(person, job)


def _same_server(person: Person, job: Job) -> bool:
    return job.guild_id is not None and job.guild_id == person.guild_id
