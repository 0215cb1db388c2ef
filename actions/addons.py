"""What a request adds to its model: there must be such things, and they must fit it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from actions.studio import Studio
from core.addon_spec import TEXT_MASKER, AddonKind, AddonSpec
from core.errors import BadOption, Refusal
from core.grid import image_request
from core.needs import KIND_OPTIONS, KIND_WORDS, MODEL, Need
from core.request import Request
from core.stages import Denoise
from core.words import _, pgettext
from db.addons import addons_available
from db.routing import lacking_needs, needed
from db.workers import models_available


def check_addons(session: Session, request: Request) -> None:
    """Raises Refusal where no worker has an add-on that the request names, or it is for other models; and
    where no worker has everything at once."""
    models = models_available(session)
    # Of a grid of models each one is to take what it adds.
    drawing = {image_request(request, index).model for index in range(request.count)}
    architectures = {spec.name: spec.architecture for spec in models}
    needs = needed(session, request)
    for need in sorted(needs, key=lambda need: (need.kind, need.name)):
        if need.kind != MODEL:
            for model in sorted(drawing):
                _check_addon(session, need, architectures.get(model))
    refiners = [spec.name for spec in models if spec.is_refiner]
    for stage in request.stages:
        if isinstance(stage, Denoise) and stage.model not in (None, *refiners):
            there_are = (
                _("choose one of {choices}.", choices=", ".join(refiners))
                if refiners
                else _("this studio has none.")
            )
            raise BadOption("refiner", stage.model, there_are)
    if lacking := lacking_needs(session, needs):
        together = ", ".join(sorted(need.words for need in lacking))
        raise Refusal(
            _("No worker has all of this at once: {together}. Leave one of it out.", together=together)
        )


def _check_addon(session: Session, need: Need, architecture: str | None) -> None:
    kind = AddonKind(need.kind)
    kin = (kind, AddonKind.LYCORIS) if kind is AddonKind.LORA else (kind,)
    found = {spec.name for each in kin for spec in addons_available(session, each, architecture)}
    if need.name in found:
        return
    if kind is AddonKind.MASKER:
        # Its name is none that anybody typed.
        option = pgettext("command", "find" if need.name == TEXT_MASKER else "point")
        raise Refusal(_("**{option}** does not work here yet: attach a **mask** instead.", option=option))
    raise BadOption(_option(kind), need.name, _offer(kind, sorted(found)))


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
        raise Refusal(offer) if name is None else BadOption(_option(kind), name, offer)
    return chosen


def _option(kind: AddonKind) -> str:
    return KIND_OPTIONS.get(kind) or _(KIND_WORDS[kind])


def _offer(kind: AddonKind, names: list[str]) -> str:
    if names:
        return _("choose one of {choices}.", choices=", ".join(names[:25]))
    said = _(KIND_WORDS[kind])
    if kind is AddonKind.UPSCALER:
        return _("this studio has no {kind} yet; its owner can add one.", kind=said)
    return _("this studio has no {kind} for that model yet; its owner can add one.", kind=said)
