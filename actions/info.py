"""Look at one job: what it asked for, how far it is, and its stored pictures."""

from __future__ import annotations

from dataclasses import dataclass

from actions.person import Person
from actions.rights import seen_job
from actions.studio import Studio
from core.jobs import ImageKind
from db.deliveries import undelivered
from db.images import StoredImage, images_of
from db.jobs import Job
from db.queue import QueuePosition, queue_position


@dataclass(frozen=True, kw_only=True)
class JobInfo:
    job: Job
    #: Results and grid.
    images: tuple[StoredImage, ...]
    #: None once it has ended.
    position: QueuePosition | None
    #: Why Discord did not take its result; None where it did, or has yet to.
    undelivered: str | None

    @property
    def made(self) -> list[int]:
        """Indices of its finished pictures."""
        return [image.index for image in self.images if image.kind == ImageKind.RESULT]


def info(studio: Studio, person: Person, job_id: str) -> JobInfo:
    """Raises NotFound where there is no such job, or it is not theirs to see."""
    with studio.database.read() as session:
        job = seen_job(session, person, job_id)
        return JobInfo(
            job=job,
            images=tuple(images_of(session, job.id, kind=None)),
            # Where it stands is worked out from the whole queue.
            position=None if job.is_final else queue_position(session, job.id),
            undelivered=undelivered(session, [job.id]).get(job.id),
        )
