"""Cancel a job: in the queue at once, running at its next step. What was not made is refunded."""

from __future__ import annotations

from actions.person import Person
from actions.rights import own_job
from actions.studio import Studio
from core.errors import Refusal
from core.jobs import JobState
from core.words import _
from db.audit import record
from db.jobs import Job, jobs_of, request_cancel


def cancel(studio: Studio, person: Person, job_id: str) -> JobState:
    """The state after it: CANCELLED, or RUNNING where its worker stops at the next step.

    Raises:
        NotFound, NotAllowed: no such job, or not theirs.
        Refusal: it has ended already.
    """
    with studio.database.begin() as session:
        job = own_job(session, person, job_id)
        # Also where it is ended by its worker in between, and the state is that ending.
        state = None if job.is_final else request_cancel(session, job.id)
        if state not in (JobState.CANCELLED, JobState.RUNNING):
            raise Refusal(_("`{id}` has ended already, so there is nothing to cancel.", id=job.id))
        if job.member_id != person.member_id:
            record(session, person.member_id, "job.cancel", job.id, guild_id=job.guild_id)
    return state


def open_jobs(studio: Studio, person: Person, *, limit: int) -> list[Job]:
    """The person's own jobs that can be cancelled, the newest first."""
    with studio.database.read() as session:
        return jobs_of(session, member_id=person.member_id, active=True, limit=limit)
