"""Terms of models' licences: what waits for the owner, and their acceptance.

A licence such as OpenRAIL-M binds whoever runs the model, so the owner of the studio's bot accepts it, once
and for all servers; those who manage a server decide there who may draw with what is offered
(`actions.access`).
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from actions.person import Person
from actions.rights import Verb, may
from actions.studio import Studio
from core.addon_spec import AddonSpec
from core.errors import NotFound, Refusal
from core.model_spec import ModelSpec
from core.words import _
from db import audit
from db.addons import addons_awaiting
from db.licences import accept_licence
from db.workers import models_awaiting


def awaiting(studio: Studio) -> list[ModelSpec | AddonSpec]:
    """Models and add-ons that are not offered, since the terms of their licences are not accepted."""
    with studio.database.read() as session:
        return [*models_awaiting(session), *addons_awaiting(session)]


def accept_terms(studio: Studio, person: Person, licence: str) -> list[str]:
    """Accept a licence that something waits for; the titles of what is offered from now on.

    Raises:
        NotAllowed: the person is not the studio's owner.
        NotFound: nothing waits for it (any more).
    """
    with studio.database.begin() as session:
        may(session, person, Verb.OWN)
        waiting: list[ModelSpec | AddonSpec] = [*models_awaiting(session), *addons_awaiting(session)]
        titles = [spec.title for spec in waiting if spec.licence == licence]
        if not titles:
            raise NotFound(_("Nothing waits for that licence (any more)."))
        accept_licence(session, licence)
        audit.record(session, person.member_id, "licence.accept", licence)
    return titles


def check_terms(session: Session, name: str | None, available: list[ModelSpec]) -> None:
    """Raises Refusal where the model that is asked for, or the only one there is, waits for its terms."""
    wanted = (name or "").strip().casefold()
    waiting = models_awaiting(session)
    meant = [spec for spec in waiting if spec.name == wanted or spec.title.casefold() == wanted]
    if not (wanted or available):
        meant = waiting
    if meant:
        raise Refusal(
            _(
                "{title} comes under {licence}, whose terms are not accepted yet. The owner of this studio "
                "can accept them: in `/models`, or at the machine.",
                title=meant[0].title,
                licence=meant[0].licence,
            )
        )
