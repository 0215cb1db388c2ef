"""Turn the options of `/imagine` into a job."""

from __future__ import annotations

from actions.person import Asked, Person
from actions.studio import Studio
from actions.submit import submit_request
from core.options import ImagineOptions, build_request, choose_model
from db.jobs import Job
from db.workers import models_available


def imagine(studio: Studio, person: Person, asked: Asked, options: ImagineOptions) -> Job:
    """Raises Refusal (BadOption names the option, the value and what would do); then there is no job."""
    with studio.database.read() as session:
        available = models_available(session)
    spec = choose_model(options.model, available)
    return submit_request(studio, person, asked, build_request(options, spec, studio.rng))
