"""Restore the faces of a picture that was given."""

from __future__ import annotations

from sqlalchemy.orm import Session

from actions.addons import choose_addon
from actions.person import Asked, Person
from actions.studio import Studio
from actions.submit import submit_request
from core.addon_spec import AddonKind
from core.errors import Refusal
from core.inputs import Input
from core.request import Request
from core.stages import MAX_SEED, LoadImage, RestoreFaces
from core.words import _
from db.addons import addons_available, addons_awaiting
from db.jobs import Job


def restore(
    studio: Studio,
    person: Person,
    asked: Asked,
    source: Input,
    *,
    restorer: str | None = None,
    fidelity: float | None = None,
) -> Job:
    """A stored picture with its faces restored.

    Args:
        restorer: its name; None is the first there is.
        fidelity: 0 is the clearest face, 1 the one most like the given; None is the restorer's own choice.

    Raises:
        Refusal: there is no such restorer; then there is no job.
    """
    with studio.database.read() as session:
        if not addons_available(session, AddonKind.FACE_RESTORER):
            raise Refusal(_why_none(session))
    chosen = choose_addon(studio, AddonKind.FACE_RESTORER, restorer, model=None)
    stages = (
        LoadImage(image=source.sha256, width=source.width, height=source.height),
        RestoreFaces(restorer=chosen.name, fidelity=fidelity),
    )
    request = Request(model="", seed=studio.rng.randrange(MAX_SEED + 1), stages=stages)
    return submit_request(studio, person, asked, request)


def _why_none(session: Session) -> str:
    """What the owner would have to do."""
    waiting = [spec for spec in addons_awaiting(session) if spec.kind is AddonKind.FACE_RESTORER]
    if waiting:
        return _(
            "{title} comes under {licence}, whose terms are not accepted yet. The owner of this studio can "
            "accept them in `/models`.",
            title=waiting[0].title,
            licence=waiting[0].licence,
        )
    return _(
        "This studio has no face restorer yet. Its owner can add CodeFormer or GFPGAN, once they agree to "
        "its licence; docs/upscaling.md says how."
    )
