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
    ... in detail    EncodeText, LoadImage(picture), Upscale, EncodeImage(None), DenoiseTiles(strength),
                     Decode
    ... of latents   EncodeText, EncodeImage(picture), UpscaleLatents, Decode
    faces restored   LoadImage(picture), RestoreFaces
    describing       LoadImage(picture), Caption
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.errors import BadOption
from core.guides import MAX_CONTROLS, MAX_REFERENCES, ControlUnit, Reference
from core.samplers import SAMPLERS
from core.stage_checks import check_number, check_sides
from core.stages_aside import (
    MADE_MASK,
    MAX_CLIP_SKIP,
    MAX_MASK_WORDS,
    MAX_PROMPT_CHARACTERS,
    MAX_TEXT_CHARACTERS,
    MAX_UPSCALED_SIDE,
    Caption,
    Composite,
    Decode,
    EncodeImage,
    EncodeText,
    LoadImage,
    MakeMask,
    ResizeLatents,
    RestoreFaces,
    Upscale,
    check_mask,
)
from core.words import _

__all__ = [
    "MADE_MASK",
    "MAX_CLIP_SKIP",
    "MAX_GUIDANCE_SCALE",
    "MAX_MASK_WORDS",
    "MAX_PROMPT_CHARACTERS",
    "MAX_SEED",
    "MAX_TEXT_CHARACTERS",
    "MAX_UPSCALED_SIDE",
    "MAX_VARIATIONS",
    "STAGES",
    "Caption",
    "Composite",
    "Decode",
    "Denoise",
    "DenoiseTiles",
    "EncodeImage",
    "EncodeText",
    "LoadImage",
    "MakeMask",
    "ResizeLatents",
    "RestoreFaces",
    "Stage",
    "Upscale",
    "UpscaleLatents",
    "Variation",
    "images_of_stage",
]

MAX_SEED = 2**32 - 1
MAX_GUIDANCE_SCALE = 30.0
#: Variations of variations.
MAX_VARIATIONS = 16


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
            raise BadOption("variation seed", self.seed, _("choose 0 to {most}.", most=MAX_SEED))
        check_number("variation strength", self.strength, 0, 1)
        if self.depth > MAX_VARIATIONS:
            raise BadOption("variation", self.depth, _("start again from an earlier picture."))

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
            raise BadOption(
                "sampler", self.sampler, _("choose one of {choices}.", choices=", ".join(SAMPLERS))
            )
        if self.schedule not in sampler.schedules:
            raise BadOption(
                "schedule",
                self.schedule,
                _("{sampler} runs on {choices}.", sampler=self.sampler, choices=", ".join(sampler.schedules)),
            )
        if not 1 <= self.steps <= sampler.max_steps:
            raise BadOption(
                "steps",
                self.steps,
                _("{sampler} takes 1 to {max_steps}.", sampler=self.sampler, max_steps=sampler.max_steps),
            )
        check_number("guidance", self.guidance_scale, 1, MAX_GUIDANCE_SCALE)
        check_sides(self.width, self.height)
        if self.strength is not None:
            check_number("strength", self.strength, 0, 1)
        if self.mask is not None:
            check_mask(self.mask)
            if self.strength is None:
                raise BadOption("mask", self.mask, _("a mask needs a picture and a strength."))
        if len(self.controls) > MAX_CONTROLS:
            raise BadOption(
                "controls", len(self.controls), _("up to {most} work at once.", most=MAX_CONTROLS)
            )
        if len(self.references) > MAX_REFERENCES:
            raise BadOption(
                "references", len(self.references), _("up to {most} work at once.", most=MAX_REFERENCES)
            )
        check_number("eta", self.eta, 0, 1)
        check_number("noise scale", self.noise_scale, 0.5, 1.5)
        check_number("start", self.start, 0, 1)
        check_number("end", self.end, self.start, 1)

    @property
    def call_pixels(self) -> int:
        """Of the picture, or the part of one, that a UNet call is for."""
        return self.width * self.height

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
class DenoiseTiles(Denoise):
    """The denoising of a picture too large for one call: over tiles, blended at every step.

    One sampler steps the whole picture; what the UNet says of it is said tile by tile, and mixed where tiles
    overlap (Bar-Tal et al. 2023, arXiv:2302.08113; Jiménez 2023, arXiv:2302.02412). So tiles cannot disagree.
    """

    kind: ClassVar[str] = "denoise_tiles"
    #: Side of a tile, and what two neighbours share of it at least; pixels. Without an overlap seams show.
    tile: int
    overlap: int

    def __post_init__(self) -> None:
        super().__post_init__()
        check_sides(self.tile, self.tile)
        if self.overlap % 8 or not 0 <= self.overlap < self.tile:
            raise BadOption("overlap", self.overlap, _("choose a multiple of 8 that is smaller than a tile."))
        if self.controls or self.tiling:
            raise BadOption("tile", self.tile, _("tiles follow no control map, and fit no edges together."))

    @property
    def call_pixels(self) -> int:
        return min(self.tile, self.width) * min(self.tile, self.height)

    @property
    def tiles(self) -> int:
        """How many cover the picture."""
        return len(self.starts(self.height)) * len(self.starts(self.width))

    def starts(self, side: int, unit: int = 1) -> tuple[int, ...]:
        """Where tiles begin along a side of so many pixels, in units of so many: evenly spread.

        Overlaps grow rather than tiles reach beyond the picture; a side shorter than a tile has one of its
        own length.
        """
        side, tile, overlap = side // unit, self.tile // unit, self.overlap // unit
        if side <= tile:
            return (0,)
        count = -(-(side - overlap) // (tile - overlap))
        return tuple(round(number * (side - tile) / (count - 1)) for number in range(count))


@dataclass(frozen=True, kw_only=True)
class UpscaleLatents(Denoise):
    """The latents so far, twice their sides, by a latent upscaler, which is a model of its own.

    As StableDiffusionLatentUpscalePipeline; width and height are those of the result.
    """

    kind: ClassVar[str] = "upscale_latents"
    sampler: str = "Euler"
    schedule: str = "normal"

    def __post_init__(self) -> None:
        super().__post_init__()
        for option, side in (("width", self.width), ("height", self.height)):
            if side % 64:
                raise BadOption(option, side, _("choose a multiple of 64."))


Stage = (
    EncodeText
    | LoadImage
    | EncodeImage
    | MakeMask
    | Denoise
    | DenoiseTiles
    | UpscaleLatents
    | ResizeLatents
    | Decode
    | Composite
    | Upscale
    | RestoreFaces
    | Caption
)  # a new stage is a class above, a name here and in STAGES, and what the engine does for it

STAGES: dict[str, type[Stage]] = {
    stage.kind: stage
    for stage in (
        EncodeText,
        LoadImage,
        EncodeImage,
        MakeMask,
        Denoise,
        DenoiseTiles,
        UpscaleLatents,
        ResizeLatents,
        Decode,
        Composite,
        Upscale,
        RestoreFaces,
        Caption,
    )
}


def images_of_stage(stage: Stage) -> tuple[str, ...]:
    """SHA-256 of every stored picture that the stage needs."""
    own = [getattr(stage, name, None) for name in ("image", "mask")]
    if isinstance(stage, Denoise):
        own += [unit.image for unit in stage.controls]
        own += [image for reference in stage.references for image in reference.images]
    return tuple(image for image in own if image not in (None, MADE_MASK))
