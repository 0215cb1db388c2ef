"""Look at the queue: how long it is, where one's own jobs stand, and what is before one of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy.orm import Session

from actions.person import Person
from actions.rights import seen_job
from actions.studio import Studio
from core.errors import NotFound
from core.tiers import MAX_JOBS
from core.words import _
from db.jobs import Job, jobs_of
from db.queue import QueuePosition, QueueSize, queue_position, queue_positions, queue_size
from db.why import Ahead, what_is_ahead


@dataclass(frozen=True, kw_only=True)
class QueueView:
    size: QueueSize
    #: The person's own unfinished jobs with their places, the oldest first.
    own: tuple[tuple[Job, QueuePosition], ...]


@dataclass(frozen=True, kw_only=True)
class Reasons:
    """Why a job is where it is."""

    job: Job
    place: QueuePosition
    ahead: Ahead


def queue(studio: Studio, person: Person) -> QueueView:
    with studio.database.read() as session:
        jobs = _unfinished(session, person)
        places = queue_positions(session, [job.id for job in jobs])
        return QueueView(
            size=queue_size(session), own=tuple((job, places[job.id]) for job in jobs if job.id in places)
        )


def place_in_queue(studio: Studio, job_id: str) -> QueuePosition | None:
    """Where an unfinished job stands; None once it has ended."""
    with studio.database.read() as session:
        return queue_position(session, job_id)


def places_in_queue(studio: Studio, job_ids: Collection[str]) -> dict[str, QueuePosition]:
    """The same of several at once."""
    with studio.database.read() as session:
        return queue_positions(session, job_ids)


def why(studio: Studio, person: Person, job_id: str | None = None) -> Reasons:
    """What is before a job that the person may see; left out: their own that was asked for first.

    Raises:
        NotFound: there is no such job, or none that is unfinished.
        NotAllowed: as `seen_job`.
    """
    with studio.database.read() as session:
        job = seen_job(session, person, job_id) if job_id else next(iter(_unfinished(session, person)), None)
        place = None if job is None else queue_position(session, job.id)
        if job is None or place is None:
            raise NotFound(_("Nothing of that is waiting or being made. `/queue` shows what is."))
        return Reasons(job=job, place=place, ahead=what_is_ahead(session, job.id))


def _unfinished(session: Session, person: Person) -> list[Job]:
    """The oldest first."""
    newest_first = jobs_of(session, member_id=person.member_id, active=True, limit=MAX_JOBS)
    return newest_first[::-1]
