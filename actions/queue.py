"""Look at the queue: how long it is, and where one's own jobs stand."""

from __future__ import annotations

from dataclasses import dataclass

from actions.person import Person
from actions.studio import Studio
from actions.submit import MAX_OPEN_JOBS
from db.jobs import Job, jobs_of
from db.queue import QueuePosition, QueueSize, queue_position, queue_size


@dataclass(frozen=True, kw_only=True)
class QueueView:
    size: QueueSize
    #: The person's own unfinished jobs with their places, the oldest first.
    own: tuple[tuple[Job, QueuePosition], ...]


def queue(studio: Studio, person: Person) -> QueueView:
    with studio.database.read() as session:
        jobs = reversed(jobs_of(session, member_id=person.member_id, active=True, limit=MAX_OPEN_JOBS))
        places = [(job, queue_position(session, job.id)) for job in jobs]
        return QueueView(
            size=queue_size(session), own=tuple((job, place) for job, place in places if place is not None)
        )


def place_in_queue(studio: Studio, job_id: str) -> QueuePosition | None:
    """Where an unfinished job stands; None once it has ended."""
    with studio.database.read() as session:
        return queue_position(session, job_id)
