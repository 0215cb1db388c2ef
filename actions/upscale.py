"""Enlarge a picture: one of a job's, or one that was given."""

from __future__ import annotations

from dataclasses import replace

from actions.addons import choose_addon
from actions.draw import read_options
from actions.person import Asked, Person
from actions.results import result_image
from actions.rights import Verb, may
from actions.studio import Studio
from actions.submit import resubmit, submit_request
from core.addon_spec import AddonKind, AddonSpec
from core.errors import BadOption, Refusal
from core.grid import image_request
from core.inputs import Input, keep_input
from core.model_spec import ModelSpec
from core.options.upscale import SCALES, DetailOptions, UpscaleOptions, Way, enlarging, latent_request
from core.request import Request
from core.stages import MAX_SEED, EncodeText, Stage
from core.words import _
from db.addons import addons_available
from db.jobs import Job
from db.routing import lacking_needs, needed
from db.workers import models_available


def upscale(studio: Studio, person: Person, asked: Asked, source: Input, options: UpscaleOptions) -> Job:
    """A stored picture, larger.

    Raises:
        Refusal: there is no such upscaler, or the picture would be too large; then there is no job.
    """
    builders = {Way.MODEL: _plain, Way.DETAIL: _in_detail, Way.LATENT: _by_latents}
    request = builders[options.way](studio, source, options, person.guild_id)
    return submit_request(studio, person, asked, request)


def upscale_result(
    studio: Studio, person: Person, asked: Asked, job_id: str, index: int, *, scale: int = SCALES[0]
) -> Job:
    """Picture `index` (0-based) of a job, larger by the first upscaler there is. Blocks on the storage.

    Its words go with it, so that they are looked at as in any other order, and told by its file.

    Raises:
        NotFound or another Refusal, as `upscale`; then there is no job.
        StorageError: the storage failed.
    """
    original, image = result_image(studio, person, job_id, index)
    with studio.database.read() as session:
        may(session, person, Verb.MAKE, guild_id=original.guild_id)
    stages = _enlarging(studio, keep_input(studio.storage, image), UpscaleOptions(scale=scale))
    alone = image_request(original.request, index)
    words = [stage for stage in alone.stages if isinstance(stage, EncodeText)]
    request = replace(alone, model="", adapters=(), vae=None, stages=(*words[:1], *stages))
    return resubmit(studio, person, asked, original, request, exact=False)


def latent_upscalers(studio: Studio, guild_id: int | None = None) -> list[ModelSpec]:
    """Those that live workers have, by title; for a server without those that are switched off there."""
    with studio.database.read() as session:
        return [spec for spec in models_available(session, guild_id) if spec.is_upscaler]


def _plain(studio: Studio, source: Input, options: UpscaleOptions, _guild_id: int | None) -> Request:
    return Request(model="", seed=_seed(studio), stages=_enlarging(studio, source, options))


def _enlarging(studio: Studio, source: Input, options: UpscaleOptions) -> tuple[Stage, ...]:
    chosen = choose_addon(studio, AddonKind.UPSCALER, options.upscaler, model=None)
    options.size_of(source)
    return enlarging(source, chosen, options.scale)


def _in_detail(studio: Studio, source: Input, options: UpscaleOptions, guild_id: int | None) -> Request:
    """By the upscaler that is asked for, or the first that lies beside the model; where none does, the
    picture is scaled first."""
    for upscaler in _upscalers(studio, options.upscaler):
        detail = DetailOptions(
            prompt=options.prompt or "",
            model=options.model,
            image=source,
            large=options.size_of(source),
            scale=options.scale,
            upscaler=upscaler,
            strength=options.strength,
        )
        request, _spec = read_options(studio, detail, guild_id=guild_id)
        with studio.database.read() as session:
            if not lacking_needs(session, needed(session, request)):
                break
    return request


def _upscalers(studio: Studio, name: str | None) -> list[AddonSpec | None]:
    if name is not None:
        return [choose_addon(studio, AddonKind.UPSCALER, name, model=None)]
    with studio.database.read() as session:
        return [*addons_available(session, AddonKind.UPSCALER), None]


def _by_latents(studio: Studio, source: Input, options: UpscaleOptions, guild_id: int | None) -> Request:
    found = {spec.name: spec for spec in latent_upscalers(studio, guild_id)}
    if not found:
        raise Refusal(
            _(
                "This studio has no latent upscaler yet; its owner can add one "
                "(docs/upscaling.md says how). `way: detail` draws finer detail without one."
            )
        )
    name = (options.upscaler or next(iter(found))).strip().casefold()
    if name not in found:
        there_are = _("choose one of {choices}.", choices=", ".join(found))
        raise BadOption("upscaler", options.upscaler, there_are)
    return latent_request(options, source, found[name], _seed(studio))


def _seed(studio: Studio) -> int:
    return studio.rng.randrange(MAX_SEED + 1)
