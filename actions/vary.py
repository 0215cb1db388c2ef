"""Draw neighbours of a picture: the same words, and noise a little aside (Variation of the seed)."""

from __future__ import annotations

from dataclasses import replace

from actions.person import Asked, Person
from actions.rights import seen_job
from actions.studio import Studio
from actions.submit import resubmit
from core.errors import NotFound, Refusal
from core.grid import image_request
from core.request import MAX_COUNT, Request
from core.stages import MAX_SEED, Denoise, Variation
from core.words import _
from db.jobs import Job

#: How far the noise is moved towards another seed's.
SUBTLE, STRONG = 0.25, 0.6


def vary(studio: Studio, person: Person, asked: Asked, job_id: str, index: int, *, strength: float) -> Job:
    """As many neighbours of picture `index` (0-based) as the job had pictures.

    Raises:
        NotFound or another Refusal; then there is no job.
    """
    with studio.database.read() as session:
        original = seen_job(session, person, job_id)
    if index >= original.request.count:
        raise NotFound(_("There is no such picture."))
    alone = image_request(original.request, index)
    count = 1 if original.request.axes else min(original.request.count, MAX_COUNT)
    request = replace(_varied(alone, studio.rng.randrange(MAX_SEED + 1), strength), count=count)
    return resubmit(studio, person, asked, original, request, exact=False)


def _varied(request: Request, seed: int, strength: float) -> Request:
    stages = list(request.stages)
    first = next((at for at, stage in enumerate(stages) if isinstance(stage, Denoise)), None)
    if first is None:
        raise Refusal(_("That picture was not drawn from noise, so there is nothing to vary."))
    stage = stages[first]
    assert isinstance(stage, Denoise)
    variation = Variation(seed=seed, strength=strength, base=stage.variation)
    stages[first] = replace(stage, variation=variation)
    return replace(request, stages=tuple(stages))
