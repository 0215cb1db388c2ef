"""Make a variation of a job: the same request from another seed."""

from __future__ import annotations

from dataclasses import replace

from actions.person import Asked, Person
from actions.rights import seen_job
from actions.studio import Studio
from actions.submit import resubmit
from core.stages import MAX_SEED
from db.jobs import Job


def new_seed(studio: Studio, person: Person, asked: Asked, job_id: str) -> Job:
    """Raises NotFound or another Refusal; then there is no job."""
    with studio.database.read() as session:
        original = seen_job(session, person, job_id)
    request = replace(original.request, seed=studio.rng.randrange(MAX_SEED + 1))
    return resubmit(studio, person, asked, original, request, exact=False)
