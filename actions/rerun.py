"""Make a job's pictures once more, byte for byte: same seed, same schedule of batch widths.

Where there is no picture to follow (it was cancelled, or failed), the new job has the same settings, and its
`replay_of` is None.
"""

from __future__ import annotations

from actions.person import Asked, Person
from actions.rights import seen_job
from actions.studio import Studio
from actions.submit import resubmit
from db.images import images_of
from db.jobs import Job


def rerun(studio: Studio, person: Person, asked: Asked, job_id: str) -> Job:
    """Raises NotFound or another Refusal; then there is no job."""
    with studio.database.read() as session:
        original = seen_job(session, person, job_id)
        exact = any(image.recipe is not None for image in images_of(session, original.id))
    return resubmit(studio, person, asked, original, original.request, exact=exact)
