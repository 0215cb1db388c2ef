"""Make a variation of a job: the same request from another seed."""

from __future__ import annotations

from dataclasses import replace

from actions.person import Asked, Person
from actions.rights import seen_job
from actions.studio import Studio
from actions.submit import resubmit
from core.errors import Refusal
from core.request import Request
from core.stages import MAX_SEED, Denoise
from core.words import _
from db.jobs import Job


def new_seed(studio: Studio, person: Person, asked: Asked, job_id: str) -> Job:
    """Raises NotFound or another Refusal; then there is no job."""
    with studio.database.read() as session:
        original = seen_job(session, person, job_id)
    request = _reseeded(original.request, studio.rng.randrange(MAX_SEED + 1))
    return resubmit(studio, person, asked, original, request, exact=False)


def _reseeded(request: Request, seed: int) -> Request:
    """Of variations the neighbour changes, and not what they are neighbours of."""
    denoising = [stage for stage in request.stages if isinstance(stage, Denoise)]
    if not denoising:
        raise Refusal(_("No seed takes part in upscaling, so another one would change nothing."))
    if not any(stage.variation for stage in denoising):
        return replace(request, seed=seed)
    stages = tuple(
        replace(stage, variation=replace(stage.variation, seed=seed))
        if isinstance(stage, Denoise) and stage.variation
        else stage
        for stage in request.stages
    )
    return replace(request, stages=stages)
