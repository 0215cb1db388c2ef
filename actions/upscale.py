"""Enlarge a picture: one of a job's, or one that was given."""

from __future__ import annotations

from dataclasses import replace

from actions.addons import choose_addon
from actions.person import Asked, Person
from actions.results import result_image
from actions.rights import Verb, may
from actions.studio import Studio
from actions.submit import resubmit, submit_request
from core.addon_spec import AddonKind
from core.errors import BadOption
from core.grid import image_request
from core.inputs import Input, keep_input
from core.options.models import choose_model
from core.request import Request
from core.stages import MAX_SEED, MAX_UPSCALED_SIDE, EncodeText, LoadImage, Stage, Upscale
from core.words import _
from db.jobs import Job
from db.workers import models_available

#: Factors on both sides that members choose from; the first is the buttons'.
SCALES = (2, 4)


def upscale(
    studio: Studio,
    person: Person,
    asked: Asked,
    source: Input,
    *,
    upscaler: str | None = None,
    scale: int = SCALES[0],
) -> Job:
    """A stored picture, larger by the scale.

    Args:
        upscaler: its name; None is the first there is.

    Raises:
        Refusal: there is no such upscaler, or the picture would be too large; then there is no job.
    """
    stages = _enlarging(studio, source, upscaler, scale)
    with studio.database.read() as session:
        model = choose_model(None, models_available(session)).name
    request = Request(model=model, seed=studio.rng.randrange(MAX_SEED + 1), stages=stages)
    return submit_request(studio, person, asked, request)


def upscale_result(
    studio: Studio, person: Person, asked: Asked, job_id: str, index: int, *, scale: int = SCALES[0]
) -> Job:
    """Picture `index` (0-based) of a job, by the first upscaler there is. Blocks on the storage.

    Its words go with it, so that they are looked at as in any other order, and told by its file.

    Raises:
        NotFound or another Refusal, as `upscale`; then there is no job.
        StorageError: the storage failed.
    """
    original, image = result_image(studio, person, job_id, index)
    with studio.database.read() as session:
        may(session, person, Verb.MAKE, guild_id=original.guild_id)
    stages = _enlarging(studio, keep_input(studio.storage, image), None, scale)
    alone = image_request(original.request, index)
    words = [stage for stage in alone.stages if isinstance(stage, EncodeText)]
    request = replace(alone, adapters=(), vae=None, stages=(*words[:1], *stages))
    return resubmit(studio, person, asked, original, request, exact=False)


def _enlarging(studio: Studio, source: Input, upscaler: str | None, scale: int) -> tuple[Stage, ...]:
    chosen = choose_addon(studio, AddonKind.UPSCALER, upscaler, model=None)
    width, height = source.width * scale, source.height * scale
    if max(width, height) > MAX_UPSCALED_SIDE:
        too_large = _(
            "that would be {width}x{height} pixels; up to {most} on a side are made.",
            width=width,
            height=height,
            most=MAX_UPSCALED_SIDE,
        )
        raise BadOption("scale", scale, too_large)
    load = LoadImage(image=source.sha256, width=source.width, height=source.height)
    return load, Upscale(upscaler=chosen.name, scale=scale)
