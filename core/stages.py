"""The stages of a request: what the engine does for each image, one after the other.

A stage hands on text embeddings, latents or a picture. Pictures that a member gave are named by the SHA-256
of their stored file (`core.inputs`), so that a request stays a small frozen value that always means the same.

    text to image    EncodeText, Denoise, Decode
    image to image   EncodeText, EncodeImage(picture), Denoise(strength), Decode
    inpainting       EncodeText, EncodeImage(picture), Denoise(strength, mask), Decode,
                     Composite(picture, mask)
    ... of a thing   MakeMask(picture, text), then the same with MADE_MASK for its mask
    hires fix        EncodeText, Denoise, ResizeLatents, Denoise(strength), Decode
    upscaling        LoadImage(picture), Upscale
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar, TypeVar

from core.addon_spec import PREPROCESSORS
from core.errors import BadOption
from core.samplers import SAMPLERS

#: What a member may type; the words of a style come on top.
MAX_PROMPT_CHARACTERS = 6000
MAX_TEXT_CHARACTERS = 2 * MAX_PROMPT_CHARACTERS
MAX_CLIP_SKIP = 12
MAX_SEED = 2**32 - 1
MAX_GUIDANCE_SCALE = 30.0
#: Variations of variations.
MAX_VARIATIONS = 16

#: Stands where a picture's SHA-256 would for the mask that an earlier MakeMask made.
MADE_MASK = "made"
MAX_CONTROLS = 4
MAX_REFERENCES = 4
#: Canny's thresholds: strengths of an edge of 8-bit pixels.
MAX_THRESHOLD = 1000
MAX_MASK_WORDS = 200

_IMAGE = re.compile("[0-9a-f]{64}")
_Value = TypeVar("_Value")


@dataclass(frozen=True, kw_only=True)
class EncodeText:
    """Prompt and negative prompt to text embeddings, at batch 1, off the denoising loop."""

    kind: ClassVar[str] = "encode_text"
    prompt: str
    negative_prompt: str = ""
    #: The text encoder's layer that is read, counted from the last as A1111 does: 2 leaves the last one out.
    clip_skip: int = 1

    def __post_init__(self) -> None:
        _check_number("clip skip", self.clip_skip, 1, MAX_CLIP_SKIP)
        for option, text in (("prompt", self.prompt), ("negative", self.negative_prompt)):
            if len(text) > MAX_TEXT_CHARACTERS:
                allowed = f"it has {len(text)} characters; up to {MAX_TEXT_CHARACTERS} fit."
                raise BadOption(option, text, allowed)


@dataclass(frozen=True, kw_only=True)
class LoadImage:
    """A given picture becomes the picture so far."""

    kind: ClassVar[str] = "load_image"
    #: SHA-256 of the stored picture.
    image: str
    #: Its pixels, for the price; None where nobody knew.
    width: int | None = None
    height: int | None = None

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
class MakeMask:
    """A mask of one thing in a picture, white on it, which later stages name as MADE_MASK.

    The thing is named by words (CLIPSeg) or by a point on it (SAM): one of the two.
    """

    kind: ClassVar[str] = "make_mask"
    #: SHA-256 of the stored picture.
    image: str
    #: E.g. "the hat"; "" where a point names it.
    text: str = ""
    #: Shares of width and height from the upper left, 0..1.
    point: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        _check_image("image", self.image)
        if bool(self.text.strip()) == (self.point is not None):
            raise BadOption("mask", self.text, "name the thing in words, or give a point on it.")
        if len(self.text) > MAX_MASK_WORDS:
            raise BadOption("mask", self.text, f"up to {MAX_MASK_WORDS} characters name a thing.")
        for share in self.point or ():
            _check_number("point", share, 0, 1)


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
    #: For canny and scribble: edges weaker than the first are none, stronger than the second surely are.
    thresholds: tuple[int, int] = (100, 200)

    def __post_init__(self) -> None:
        if self.preprocessor not in (None, *PREPROCESSORS):
            allowed = f"choose one of {', '.join(PREPROCESSORS)}, or none for a picture that is a map."
            raise BadOption("preprocessor", self.preprocessor, allowed)
        low, high = self.thresholds
        if not 0 <= low <= high <= MAX_THRESHOLD:
            raise BadOption(
                "thresholds", f"{low} {high}", f"choose two of 0 to {MAX_THRESHOLD}, the lower first."
            )
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
    #: Of a variation of a variation: where the first noise was moved before.
    base: Variation | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.seed <= MAX_SEED:
            raise BadOption("variation seed", self.seed, f"choose 0 to {MAX_SEED}.")
        _check_number("variation strength", self.strength, 0, 1)
        if self.depth > MAX_VARIATIONS:
            raise BadOption("variation", self.depth, "start again from an earlier picture.")

    @property
    def depth(self) -> int:
        """How many times the noise is moved."""
        return 1 if self.base is None else 1 + self.base.depth


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
        if not 1 <= self.steps <= sampler.max_steps:
            raise BadOption("steps", self.steps, f"{self.sampler} takes 1 to {sampler.max_steps}.")
        _check_number("guidance", self.guidance_scale, 1, MAX_GUIDANCE_SCALE)
        _check_sides(self.width, self.height)
        if self.strength is not None:
            _check_number("strength", self.strength, 0, 1)
        if self.mask is not None:
            _check_mask(self.mask)
            if self.strength is None:
                raise BadOption("mask", self.mask, "a mask needs a picture and a strength.")
        if len(self.controls) > MAX_CONTROLS:
            raise BadOption("controls", len(self.controls), f"up to {MAX_CONTROLS} work at once.")
        if len(self.references) > MAX_REFERENCES:
            raise BadOption("references", len(self.references), f"up to {MAX_REFERENCES} work at once.")
        _check_number("eta", self.eta, 0, 1)
        _check_number("noise scale", self.noise_scale, 0.5, 1.5)
        _check_number("start", self.start, 0, 1)
        _check_number("end", self.end, self.start, 1)

    @property
    def unet_calls(self) -> int:
        """UNet calls of this stage. Where `start` or `end` cut the schedule it is a forecast, which may be
        one or two off: the true number depends on the model's own schedule."""
        sampler = SAMPLERS[self.sampler]
        if self.start == 0 and self.strength is not None:
            calls = sampler.unet_calls(self.steps, self.strength)
        else:
            calls = sampler.unet_calls(self.steps)
        return round(calls * self.end) - round(calls * self.start)


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
        _check_mask(self.mask)


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
    EncodeText | LoadImage | EncodeImage | MakeMask | Denoise | ResizeLatents | Decode | Composite | Upscale
)  # a new stage is a class above, a name here and in STAGES, and what the engine does for it

STAGES: dict[str, type[Stage]] = {
    stage.kind: stage
    for stage in (
        EncodeText,
        LoadImage,
        EncodeImage,
        MakeMask,
        Denoise,
        ResizeLatents,
        Decode,
        Composite,
        Upscale,
    )
}

#: Fields of Denoise that hold values of their own.
_ONE: dict[str, type[Any]] = {"variation": Variation, "base": Variation}
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
    return tuple(image for image in own if image not in (None, MADE_MASK))


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
    # JSON has no tuples.
    values |= {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
    return cls(**values)


def _check_image(option: str, image: str) -> None:
    if not _IMAGE.fullmatch(image):
        raise BadOption(option, image, "that names no stored picture.")


def _check_mask(mask: str) -> None:
    if mask != MADE_MASK:
        _check_image("mask", mask)


def _check_number(option: str, value: float, low: float, high: float) -> None:
    # Written so that NaN fails too.
    if not low <= value <= high:
        raise BadOption(option, value, f"choose {low:g} to {high:g}.")


def _check_sides(width: int, height: int) -> None:
    for option, side in (("width", width), ("height", height)):
        if side < 8 or side % 8:
            raise BadOption(option, side, "choose a multiple of 8.")
