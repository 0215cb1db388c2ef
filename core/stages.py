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

from dataclasses import dataclass
from typing import ClassVar

from core.errors import BadOption
from core.guides import MAX_CONTROLS, MAX_REFERENCES, ControlUnit, Reference
from core.samplers import SAMPLERS
from core.stage_checks import check_image, check_number, check_sides

#: What a member may type; the words of a style come on top.
MAX_PROMPT_CHARACTERS = 6000
MAX_TEXT_CHARACTERS = 2 * MAX_PROMPT_CHARACTERS
MAX_CLIP_SKIP = 12
MAX_SEED = 2**32 - 1
MAX_GUIDANCE_SCALE = 30.0
#: Pixels of the longest side that upscaling makes.
MAX_UPSCALED_SIDE = 8192
#: Variations of variations.
MAX_VARIATIONS = 16

#: Stands where a picture's SHA-256 would for the mask that an earlier MakeMask made.
MADE_MASK = "made"
MAX_MASK_WORDS = 200


@dataclass(frozen=True, kw_only=True)
class EncodeText:
    """Prompt and negative prompt to text embeddings, at batch 1, off the denoising loop."""

    kind: ClassVar[str] = "encode_text"
    prompt: str
    negative_prompt: str = ""
    #: The text encoder's layer that is read, counted from the last as A1111 does: 2 leaves the last one out.
    clip_skip: int = 1

    def __post_init__(self) -> None:
        check_number("clip skip", self.clip_skip, 1, MAX_CLIP_SKIP)
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
        check_image("image", self.image)


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
            check_image("image", self.image)
        check_sides(self.width, self.height)


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
        check_image("image", self.image)
        if bool(self.text.strip()) == (self.point is not None):
            raise BadOption("mask", self.text, "name the thing in words, or give a point on it.")
        if len(self.text) > MAX_MASK_WORDS:
            raise BadOption("mask", self.text, f"up to {MAX_MASK_WORDS} characters name a thing.")
        for share in self.point or ():
            check_number("point", share, 0, 1)


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
        check_number("variation strength", self.strength, 0, 1)
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
        check_number("guidance", self.guidance_scale, 1, MAX_GUIDANCE_SCALE)
        check_sides(self.width, self.height)
        if self.strength is not None:
            check_number("strength", self.strength, 0, 1)
        if self.mask is not None:
            _check_mask(self.mask)
            if self.strength is None:
                raise BadOption("mask", self.mask, "a mask needs a picture and a strength.")
        if len(self.controls) > MAX_CONTROLS:
            raise BadOption("controls", len(self.controls), f"up to {MAX_CONTROLS} work at once.")
        if len(self.references) > MAX_REFERENCES:
            raise BadOption("references", len(self.references), f"up to {MAX_REFERENCES} work at once.")
        check_number("eta", self.eta, 0, 1)
        check_number("noise scale", self.noise_scale, 0.5, 1.5)
        check_number("start", self.start, 0, 1)
        check_number("end", self.end, self.start, 1)

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
        check_sides(self.width, self.height)


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
        check_image("image", self.image)
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


def images_of_stage(stage: Stage) -> tuple[str, ...]:
    """SHA-256 of every stored picture that the stage needs."""
    own = [getattr(stage, name, None) for name in ("image", "mask")]
    if isinstance(stage, Denoise):
        own += [unit.image for unit in stage.controls]
        own += [image for reference in stage.references for image in reference.images]
    return tuple(image for image in own if image not in (None, MADE_MASK))


def _check_mask(mask: str) -> None:
    if mask != MADE_MASK:
        check_image("mask", mask)
