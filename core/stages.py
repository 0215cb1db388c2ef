"""The stages of a request: what the engine does for each image, one after the other.

A stage hands on text embeddings, latents or a picture. Pictures that a member gave are named by the SHA-256
of their stored file (`core.inputs`), so that a request stays a small frozen value that always means the same.

    text to image    EncodeText, Denoise, Decode
    image to image   EncodeText, EncodeImage(picture), Denoise(strength), Decode
    inpainting       EncodeText, EncodeImage(picture), Denoise(strength, mask), Decode,
                     Composite(picture, mask)
    hires fix        EncodeText, Denoise, ResizeLatents, Denoise(strength), Decode
    upscaling        LoadImage(picture), Upscale
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar, TypeVar

from core.errors import BadOption
from core.samplers import SAMPLERS

#: What a member may type; the words of a style come on top.
MAX_PROMPT_CHARACTERS = 6000
_MAX_TEXT_CHARACTERS = 2 * MAX_PROMPT_CHARACTERS
MAX_SEED = 2**32 - 1
MAX_GUIDANCE_SCALE = 30.0

_IMAGE = re.compile("[0-9a-f]{64}")
_Value = TypeVar("_Value")


@dataclass(frozen=True, kw_only=True)
class EncodeText:
    """Prompt and negative prompt to text embeddings, at batch 1, off the denoising loop."""

    kind: ClassVar[str] = "encode_text"
    prompt: str
    negative_prompt: str = ""

    def __post_init__(self) -> None:
        for option, text in (("prompt", self.prompt), ("negative", self.negative_prompt)):
            if len(text) > _MAX_TEXT_CHARACTERS:
                allowed = f"it has {len(text)} characters; up to {_MAX_TEXT_CHARACTERS} fit."
                raise BadOption(option, text, allowed)


@dataclass(frozen=True, kw_only=True)
class LoadImage:
    """A given picture becomes the picture so far."""

    kind: ClassVar[str] = "load_image"
    #: SHA-256 of the stored picture.
    image: str

    def __post_init__(self) -> None:
        _check_image("image", self.image)


@dataclass(frozen=True, kw_only=True)
class EncodeImage:
    """A picture, scaled and cropped to width x height, to latents of (4, height/8, width/8)."""

    kind: ClassVar[str] = "encode_image"
    #: SHA-256 of the stored picture; None is the picture so far.
    image: str | None
    #: Pixels.
    width: int
    height: int

    def __post_init__(self) -> None:
        if self.image is not None:
            _check_image("image", self.image)
        _check_sides(self.width, self.height)


@dataclass(frozen=True, kw_only=True)
class ControlUnit:
    """One ControlNet and the picture that guides it (Zhang et al. 2023)."""

    #: Name of the ControlNet, as the catalogue knows it.
    model: str
    #: SHA-256 of the stored picture.
    image: str
    #: How a map is drawn from the picture (canny, depth, openpose, scribble, softedge); None: it is a map.
    preprocessor: str | None = None
    #: `controlnet_conditioning_scale`, 0..2.
    scale: float = 1.0
    #: Shares of the steps between which it guides, 0..1.
    start: float = 0.0
    end: float = 1.0

    def __post_init__(self) -> None:
        _check_image("control", self.image)
        _check_number("control scale", self.scale, 0, 2)
        _check_number("control start", self.start, 0, 1)
        _check_number("control end", self.end, self.start, 1)


@dataclass(frozen=True, kw_only=True)
class Reference:
    """One IP-Adapter and the pictures that prompt it (Ye et al. 2023)."""

    #: Name of the IP-Adapter, as the catalogue knows it.
    model: str
    #: SHA-256 of the stored pictures; several are blended.
    images: tuple[str, ...]
    #: 0..2; 0 is as without it.
    scale: float = 0.6

    def __post_init__(self) -> None:
        if not self.images:
            raise BadOption("reference", "", "give at least one picture.")
        for image in self.images:
            _check_image("reference", image)
        _check_number("reference scale", self.scale, 0, 2)


@dataclass(frozen=True, kw_only=True)
class Variation:
    """The first noise, moved towards that of another seed by spherical interpolation."""

    seed: int
    #: 0..1; 0 is the original's noise, 1 the other seed's.
    strength: float

    def __post_init__(self) -> None:
        if not 0 <= self.seed <= MAX_SEED:
            raise BadOption("variation seed", self.seed, f"choose 0 to {MAX_SEED}.")
        _check_number("variation strength", self.strength, 0, 1)


@dataclass(frozen=True, kw_only=True)
class Denoise:
    """The denoising loop: from noise, or from the latents so far, to latents of (4, height/8, width/8)."""

    kind: ClassVar[str] = "denoise"
    sampler: str
    schedule: str
    #: Steps of the sampler, 1..1000; the model's own limit is checked in `core.options`.
    steps: int
    #: Classifier-free guidance scale (Ho & Salimans 2022), 1..30; 1 switches guidance off.
    guidance_scale: float
    #: Pixels.
    width: int
    height: int
    #: Denoising strength, 0..1: how much of the latents so far is replaced; None starts from noise alone.
    strength: float | None = None
    #: SHA-256 of a stored picture: white is painted anew, black stays. Needs a strength.
    mask: str | None = None
    #: DDIM's eta (Song et al. 2021), 0..1; for samplers that have one.
    eta: float = 0.0
    #: Factor on the noise that the sampler adds between steps, 0.5..1.5.
    noise_scale: float = 1.0
    variation: Variation | None = None
    controls: tuple[ControlUnit, ...] = ()
    references: tuple[Reference, ...] = ()
    #: Edges that fit together when the picture is laid side by side.
    tiling: bool = False
    #: Shares of the noise schedule that this stage covers, for a base model and its refiner.
    start: float = 0.0
    end: float = 1.0
    #: Name of another model that does this stage, such as a refiner; None: the request's.
    model: str | None = None

    def __post_init__(self) -> None:
        sampler = SAMPLERS.get(self.sampler)
        if sampler is None:
            raise BadOption("sampler", self.sampler, f"choose one of {', '.join(SAMPLERS)}.")
        if self.schedule not in sampler.schedules:
            raise BadOption(
                "schedule", self.schedule, f"{self.sampler} runs on {', '.join(sampler.schedules)}."
            )
        if not 1 <= self.steps <= 1000:
            raise BadOption("steps", self.steps, "choose 1 to 1000.")
        _check_number("guidance", self.guidance_scale, 1, MAX_GUIDANCE_SCALE)
        _check_sides(self.width, self.height)
        if self.strength is not None:
            _check_number("strength", self.strength, 0, 1)
        if self.mask is not None:
            _check_image("mask", self.mask)
            if self.strength is None:
                raise BadOption("mask", self.mask, "a mask needs a picture and a strength.")
        _check_number("eta", self.eta, 0, 1)
        _check_number("noise scale", self.noise_scale, 0.5, 1.5)
        _check_number("start", self.start, 0, 1)
        _check_number("end", self.end, self.start, 1)

    @property
    def unet_calls(self) -> int:
        return SAMPLERS[self.sampler].unet_calls(self.steps)


@dataclass(frozen=True, kw_only=True)
class ResizeLatents:
    """The latents so far, scaled to width x height (pixels), as hires fix does."""

    kind: ClassVar[str] = "resize_latents"
    width: int
    height: int

    def __post_init__(self) -> None:
        _check_sides(self.width, self.height)


@dataclass(frozen=True, kw_only=True)
class Decode:
    """Latents to an 8-bit RGB image, at batch 1, off the denoising loop."""

    kind: ClassVar[str] = "decode"


@dataclass(frozen=True, kw_only=True)
class Composite:
    """The picture so far where the mask is white; elsewhere the given picture's own pixels, unchanged."""

    kind: ClassVar[str] = "composite"
    #: SHA-256 of stored pictures.
    image: str
    mask: str

    def __post_init__(self) -> None:
        _check_image("image", self.image)
        _check_image("mask", self.mask)


@dataclass(frozen=True, kw_only=True)
class Upscale:
    """The picture so far, enlarged by a network of the ESRGAN family (Wang et al. 2018)."""

    kind: ClassVar[str] = "upscale"
    #: Name of the upscaler, as the catalogue knows it.
    upscaler: str
    #: Factor on both sides.
    scale: int

    def __post_init__(self) -> None:
        if self.scale not in (2, 3, 4, 8):
            raise BadOption("scale", self.scale, "choose 2, 3, 4 or 8.")


Stage = (
    EncodeText | LoadImage | EncodeImage | Denoise | ResizeLatents | Decode | Composite | Upscale
)  # a new stage is a class above, a name here and in STAGES, and what the engine does for it

STAGES: dict[str, type[Stage]] = {
    stage.kind: stage
    for stage in (EncodeText, LoadImage, EncodeImage, Denoise, ResizeLatents, Decode, Composite, Upscale)
}

#: Fields of Denoise that hold values of their own.
_ONE: dict[str, type[Any]] = {"variation": Variation}
_MANY: dict[str, type[Any]] = {"controls": ControlUnit, "references": Reference}


def stage_to_json(stage: Stage) -> dict[str, Any]:
    return {"kind": stage.kind, **asdict(stage)}


def stage_from_json(data: dict[str, Any]) -> Stage:
    """Read what `stage_to_json` wrote.

    Raises:
        BadOption: the stage or a field is unknown, or a value is out of its range.
    """
    kind = data.get("kind")
    stage = STAGES.get(str(kind))
    if stage is None:
        raise BadOption("stage", kind, f"choose one of {', '.join(STAGES)}.")
    return _read(stage, {name: value for name, value in data.items() if name != "kind"})


def images_of_stage(stage: Stage) -> tuple[str, ...]:
    """SHA-256 of every stored picture that the stage needs."""
    own = [getattr(stage, name, None) for name in ("image", "mask")]
    if isinstance(stage, Denoise):
        own += [unit.image for unit in stage.controls]
        own += [image for reference in stage.references for image in reference.images]
    return tuple(image for image in own if image is not None)


def refuse_unknown(names: set[str]) -> None:
    if names:
        raise BadOption("field", sorted(names)[0], "a request has no such field.")


def _read(cls: type[_Value], data: dict[str, Any]) -> _Value:
    refuse_unknown(set(data) - {field.name for field in fields(cls)})  # type: ignore[arg-type]
    values = dict(data)
    for name, inner in _ONE.items():
        if values.get(name) is not None:
            values[name] = _read(inner, values[name])
    for name, inner in _MANY.items():
        if name in values:
            values[name] = tuple(_read(inner, one) for one in values[name])
    if "images" in values:
        values["images"] = tuple(values["images"])
    return cls(**values)


def _check_image(option: str, image: str) -> None:
    if not _IMAGE.fullmatch(image):
        raise BadOption(option, image, "that names no stored picture.")


def _check_number(option: str, value: float, low: float, high: float) -> None:
    # Written so that NaN fails too.
    if not low <= value <= high:
        raise BadOption(option, value, f"choose {low:g} to {high:g}.")


def _check_sides(width: int, height: int) -> None:
    for option, side in (("width", width), ("height", height)):
        if side < 8 or side % 8:
            raise BadOption(option, side, "choose a multiple of 8.")
