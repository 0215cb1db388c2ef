"""Take one picture of a batch, or one cell of a grid, as a job of its own, to the byte."""

from __future__ import annotations

from actions.person import Asked, Person
from actions.rights import seen_job
from actions.studio import Studio
from actions.submit import resubmit
from core.errors import NotFound
from core.grid import image_request
from core.words import _
from db.images import images_of
from db.jobs import Job


def pick(studio: Studio, person: Person, asked: Asked, job_id: str, index: int) -> Job:
    """Raises NotFound where there is no such picture, or another Refusal; then there is no job."""
    with studio.database.read() as session:
        original = seen_job(session, person, job_id)
        recipes = {image.index: image.recipe for image in images_of(session, original.id)}
    if index not in recipes:
        raise NotFound(_("That picture is not there (any more)."))
    request = image_request(original.request, index)
    return resubmit(studio, person, asked, original, request, exact=recipes[index] is not None, first=index)
