"""Make a job's pictures in other words: the same settings and seed, another prompt."""

from __future__ import annotations

from actions.draw import loras_for
from actions.person import Asked, Person
from actions.rights import seen_job
from actions.studio import Studio
from actions.submit import model_of, resubmit
from core.options.remix import remixed
from core.options.words import words_to_edit
from db.jobs import Job


def remix(studio: Studio, person: Person, asked: Asked, job_id: str, *, prompt: str, negative: str) -> Job:
    """Raises NotFound or another Refusal; then there is no job."""
    with studio.database.read() as session:
        original = seen_job(session, person, job_id)
        spec = model_of(session, original)
        loras = loras_for(session, spec)
    request = remixed(original.request, prompt, negative, spec, loras=loras)
    return resubmit(studio, person, asked, original, request, exact=False)


def words_of(studio: Studio, person: Person, job_id: str) -> tuple[str, str]:
    """Prompt and negative prompt of a job, to be edited. Raises Refusal where it can't be remixed."""
    with studio.database.read() as session:
        original = seen_job(session, person, job_id)
        model_of(session, original)
    return words_to_edit(original.request)
