"""What a request adds to its model: there must be such things, and they must fit it."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.orm import Session

from actions.studio import Studio
from core.addon_spec import POINT_MASKER, TEXT_MASKER, AddonKind, AddonSpec
from core.errors import BadOption, Refusal
from core.request import Request
from core.stages import Denoise, MakeMask, Upscale
from db.addons import addons_available
from db.workers import models_available

#: What members call each kind.
_WORDS = {
    AddonKind.CONTROLNET: "ControlNet",
    AddonKind.PREPROCESSOR: "preprocessor",
    AddonKind.IP_ADAPTER: "IP-Adapter",
    AddonKind.MASKER: "finder of things",
    AddonKind.UPSCALER: "upscaler",
    AddonKind.VAE: "VAE",
}


def check_addons(session: Session, request: Request) -> None:
    """Raises Refusal where no worker has an add-on that the request names, or it is for other models."""
    models = models_available(session)
    architecture = next((spec.architecture for spec in models if spec.name == request.model), None)
    for kind, name in _named(request):
        found = {spec.name for spec in addons_available(session, kind, architecture)}
        if name not in found:
            raise BadOption(_WORDS[kind], name, _offer(kind, sorted(found)))
    refiners = [spec.name for spec in models if spec.is_refiner]
    for stage in request.stages:
        if isinstance(stage, Denoise) and stage.model not in (None, *refiners):
            there_are = f"choose one of {', '.join(refiners)}." if refiners else "this studio has none."
            raise BadOption("refiner", stage.model, there_are)


def choose_addon(studio: Studio, kind: AddonKind, name: str | None, *, model: str | None) -> AddonSpec:
    """The add-on of that name (whatever its capitals), or the first that fits the model.

    Raises:
        Refusal: there is none.
    """
    with studio.database.read() as session:
        models = models_available(session)
        architecture = next((spec.architecture for spec in models if model in (None, spec.name)), None)
        found = addons_available(session, kind, architecture)
    if name is None and found:
        return found[0]
    wanted = (name or "").strip().casefold()
    chosen = next((spec for spec in found if spec.name.casefold() == wanted), None)
    if chosen is None:
        offer = _offer(kind, [spec.name for spec in found])
        raise Refusal(offer) if name is None else BadOption(_WORDS[kind], name, offer)
    return chosen


def _named(request: Request) -> Iterator[tuple[AddonKind, str]]:
    if request.vae is not None:
        yield AddonKind.VAE, request.vae
    for stage in request.stages:
        if isinstance(stage, Denoise):
            for unit in stage.controls:
                yield AddonKind.CONTROLNET, unit.model
                if unit.preprocessor is not None:
                    yield AddonKind.PREPROCESSOR, unit.preprocessor
            for reference in stage.references:
                yield AddonKind.IP_ADAPTER, reference.model
        elif isinstance(stage, MakeMask):
            yield AddonKind.MASKER, TEXT_MASKER if stage.text else POINT_MASKER
        elif isinstance(stage, Upscale):
            yield AddonKind.UPSCALER, stage.upscaler


def _offer(kind: AddonKind, names: list[str]) -> str:
    if names:
        return f"choose one of {', '.join(names[:25])}."
    fitting = "" if kind is AddonKind.UPSCALER else " for that model"
    return f"this studio has no {_WORDS[kind]}{fitting} yet; its owner can add one."
