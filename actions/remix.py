"""Make a job's pictures in other words: the same settings and seed, another prompt."""

from __future__ import annotations

from actions.draw import loras_for
from actions.person import Asked, Person
from actions.rights import seen_job
from actions.studio import Studio
from actions.styles import styles_here
from actions.submit import model_of, resubmit
from core.errors import NotFound
from core.grid import image_request
from core.options.remix import remixed
from core.options.words import words_to_edit
from core.prompt.wildcard_files import with_wildcards
from core.request import Request
from core.words import _
from db.jobs import Job


def remix(
    studio: Studio,
    person: Person,
    asked: Asked,
    job_id: str,
    *,
    prompt: str,
    negative: str,
    index: int | None = None,
) -> Job:
    """Make all pictures of a job, or one of them (0-based), in other words.

    Raises:
        NotFound or another Refusal; then there is no job.
    """
    with studio.database.read() as session:
        original = seen_job(session, person, job_id)
        spec = model_of(session, original)
        loras, styles = loras_for(session, spec), styles_here(session, original.guild_id)
    request = remixed(_meant(original, index), prompt, negative, spec, styles=styles, loras=loras)
    request = with_wildcards(request, studio.wildcards)
    return resubmit(studio, person, asked, original, request, exact=False)


def words_of(studio: Studio, person: Person, job_id: str, index: int | None = None) -> tuple[str, str]:
    """Prompt and negative prompt of a job or of one picture, to be edited.

    Raises:
        Refusal: it can't be remixed.
    """
    with studio.database.read() as session:
        original = seen_job(session, person, job_id)
        model_of(session, original)
        styles = styles_here(session, original.guild_id)
    return words_to_edit(_meant(original, index), styles)


def _meant(original: Job, index: int | None) -> Request:
    """All of the job's pictures, or one of them alone."""
    if index is None:
        return original.request
    if index >= original.request.count:
        raise NotFound(_("There is no such picture."))
    return image_request(original.request, index)
