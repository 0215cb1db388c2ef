"""Turn the options of `/imagine` into a job."""

from __future__ import annotations

from actions.person import Asked, Person
from actions.studio import Studio
from actions.submit import submit_request
from core.model_spec import ModelSpec
from core.options import ImagineOptions, build_request, choose_model
from db.jobs import Job
from db.workers import models_available


def imagine(studio: Studio, person: Person, asked: Asked, options: ImagineOptions) -> Job:
    """Raises Refusal (BadOption names the option, the value and what would do); then there is no job."""
    request = build_request(options, model_for(studio, options), studio.rng)
    return submit_request(studio, person, asked, request)


def model_for(studio: Studio, options: ImagineOptions) -> ModelSpec:
    """The model that these options would use. Raises Refusal where there is none of that name."""
    with studio.database.read() as session:
        return choose_model(options.model, models_available(session))
