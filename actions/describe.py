"""Have a captioner say what a picture shows: a job like any other."""

from __future__ import annotations

from actions.addons import choose_addon
from actions.person import Asked, Person
from actions.studio import Studio
from actions.submit import submit_request
from core.addon_spec import AddonKind
from core.inputs import Input
from core.request import Request
from core.stages import Caption, LoadImage
from core.words import _
from db.addons import addons_available
from db.jobs import Job


def can_describe(studio: Studio) -> bool:
    """Whether a live worker has a captioner."""
    with studio.database.read() as session:
        return bool(addons_available(session, AddonKind.CAPTIONER))


def describe(studio: Studio, person: Person, asked: Asked, picture: Input) -> Job:
    """The picture once more, with words for what it shows.

    Raises:
        Refusal: there is no captioner, or as `submit_request`; then there is no job.
    """
    captioner = choose_addon(studio, AddonKind.CAPTIONER, None, model=None)
    load = LoadImage(image=picture.sha256, width=picture.width, height=picture.height)
    request = Request(
        model="",
        seed=0,
        stages=(load, Caption(captioner=captioner.name)),
        typed_prompt=_("What does this picture show?"),
    )
    return submit_request(studio, person, asked, request)
