"""Turn the options of a command that draws into a job."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from actions.licences import check_terms
from actions.person import Asked, Person
from actions.studio import Studio
from actions.styles import styles_here
from actions.submit import submit_request
from core.addon_spec import AddonKind
from core.model_spec import ModelSpec
from core.options.drawing import DrawOptions, build_request
from core.options.models import choose_model
from core.prompt.wildcard_files import with_wildcards
from core.request import Request
from db.addons import addons_available
from db.jobs import Job
from db.workers import models_available


def draw(
    studio: Studio, person: Person, asked: Asked, options: DrawOptions, *, parent_id: str | None = None
) -> Job:
    """Raises Refusal (BadOption names the option, the value and what would do); then there is no job."""
    request, _ = read_options(studio, options, guild_id=person.guild_id)
    return submit_request(studio, person, asked, request, parent_id=parent_id)


def read_options(
    studio: Studio, options: DrawOptions, *, guild_id: int | None = None
) -> tuple[Request, ModelSpec]:
    """The request that these options would make, and its model; nothing is made yet. Raises Refusal.

    Args:
        guild_id: the server whose models they choose from.
    """
    with studio.database.read() as session:
        available = models_available(session, guild_id)
        check_terms(session, options.model, available)
        spec = choose_model(options.model, available)
        loras = loras_for(session, spec)
        options = replace(options, styles=styles_here(session, guild_id), models=available)
    request = build_request(options, spec, studio.rng, loras=loras)
    return with_wildcards(request, studio.wildcards), spec


def loras_for(session: Session, spec: ModelSpec) -> set[str]:
    """Names of the LoRAs and their kin that fit the model."""
    kinds = (AddonKind.LORA, AddonKind.LYCORIS)
    return {addon.name for kind in kinds for addon in addons_available(session, kind, spec.architecture)}
