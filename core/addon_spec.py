"""What the bot and the workers must agree on about what can be added to a base model."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class AddonKind(StrEnum):
    """What an add-on is; also the name of the folder below a model directory where it lies."""

    CONTROLNET = "controlnet"
    #: Draws the map that a ControlNet follows from an ordinary picture.
    PREPROCESSOR = "preprocessor"
    IP_ADAPTER = "ip-adapter"
    #: Finds a thing in a picture, by words or by a point.
    MASKER = "masker"
    LORA = "lora"
    LYCORIS = "lycoris"
    EMBEDDING = "embedding"
    VAE = "vae"
    #: A tiny autoencoder that shows unfinished pictures.
    PREVIEW_VAE = "preview-vae"
    UPSCALER = "upscaler"
    FACE_RESTORER = "face-restorer"
    #: Says in words what a picture shows.
    CAPTIONER = "captioner"


#: Preprocessors by name, and what members see. Workers offer those that they can run.
PREPROCESSORS = {
    "canny": "Edges (canny)",
    "scribble": "Scribble, from edges",
    "scribble-hed": "Scribble (HED)",
    "softedge": "Soft edges (HED)",
    "softedge-pidinet": "Soft edges (PiDiNet)",
    "depth": "Depth",
    "openpose": "Poses of people",
}

#: Maskers by name: what each is asked with.
TEXT_MASKER = "clipseg"
POINT_MASKER = "sam"


@dataclass(frozen=True, kw_only=True)
class AddonSpec:
    """An add-on as members meet it. A worker stores one row of these for each that it can use."""

    kind: AddonKind
    #: Unique among its kind, as typed in an option; never a path.
    name: str
    #: What people see.
    title: str
    #: Architecture of the base models that it fits, e.g. "sd1"; None where it fits all, or none is known.
    architecture: str | None = None
    #: SHA-256 over the files; "" where there are none.
    weights_hash: str = ""
    licence: str = "unknown"
    #: Where it can be read; "" where that is not known.
    licence_url: str = ""
    #: Its terms are not accepted on the worker's machine (`models.licences`).
    awaits_terms: bool = False
    #: ControlNets only: the preprocessor that draws the maps it was trained on, by name.
    preprocessor: str | None = None
    #: Words of a prompt that call it up.
    trigger_words: tuple[str, ...] = ()
    #: Upscalers only: their factor on both sides.
    factor: int | None = None

    def fits(self, architecture: str) -> bool:
        """Whether it may be laid over a base model of this architecture; the weights have the last word."""
        return self.architecture in (None, architecture)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> AddonSpec:
        words = tuple(data.get("trigger_words", ()))
        return cls(**{**data, "kind": AddonKind(data["kind"]), "trigger_words": words})
