"""Who may draw how, with what and where: a server's rules about commands and models."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from core.needs import models_called
from core.request import Request
from core.stages import Caption, Denoise, DenoiseTiles, EncodeImage, RestoreFaces, Upscale, UpscaleLatents
from core.wordlist import Effect


class Subject(StrEnum):
    COMMAND = "command"
    MODEL = "model"


class Place(StrEnum):
    ROLE = "role"
    CHANNEL = "channel"


#: Ways to draw that rules are about, named as their commands.
WAYS = ("imagine", "img2img", "inpaint", "control", "reference", "grid", "upscale", "restore")


@dataclass(frozen=True, kw_only=True)
class AccessRule:
    subject: Subject
    #: A way to draw, or a model.
    name: str
    effect: Effect
    place: Place
    #: The role's or channel's id.
    place_id: int


def ways_of(request: Request) -> frozenset[str]:
    """The ways in which an order draws, whatever button or command it came by."""
    drawn = [stage for stage in request.stages if isinstance(stage, Denoise)]
    given = any(isinstance(stage, EncodeImage) and stage.image is not None for stage in request.stages)
    masked = any(stage.mask is not None for stage in drawn)
    enlarged = any(isinstance(stage, Upscale | DenoiseTiles | UpscaleLatents) for stage in request.stages)
    found = {
        "grid": bool(request.axes),
        "upscale": enlarged,
        "describe": any(isinstance(stage, Caption) for stage in request.stages),
        "restore": any(isinstance(stage, RestoreFaces) for stage in request.stages),
        "inpaint": masked,
        "img2img": given and not (masked or enlarged),
        "control": any(stage.controls for stage in drawn),
        "reference": any(stage.references for stage in drawn),
    }
    return frozenset(way for way, is_so in found.items() if is_so) or frozenset({"imagine"})


def models_of(request: Request) -> frozenset[str]:
    """All models that an order draws with."""
    return frozenset(models_called(request))


def denied(
    rules: Iterable[AccessRule], subject: Subject, name: str, *, roles: Iterable[int], channels: Iterable[int]
) -> Place | None:
    """What keeps a person from a subject: their roles or the channel; None where they may.

    A rule that denies decides. Else, where roles (or channels) are allowed, one of those is needed.
    """
    held = {Place.ROLE: frozenset(roles), Place.CHANNEL: frozenset(channels)}
    about = [rule for rule in rules if rule.subject == subject and rule.name == name]
    for place in Place:
        here = [rule for rule in about if rule.place == place]
        if any(rule.effect == Effect.DENY and rule.place_id in held[place] for rule in here):
            return place
        needed = {rule.place_id for rule in here if rule.effect == Effect.ALLOW}
        if needed and needed.isdisjoint(held[place]):
            return place
    return None
