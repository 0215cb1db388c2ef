"""`/upscale`: three ways to a larger picture, and the orders that they are.

model     an upscaler of the ESRGAN family draws finer edges
detail    the enlarged picture is drawn again tile by tile, and finer (txt2imghd's idea)
latent    a latent upscaler draws the picture anew at twice its size
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from math import isqrt

from core.addon_spec import AddonSpec
from core.errors import BadOption
from core.inputs import Input
from core.model_spec import ModelSpec
from core.options.drawing import DrawOptions, read_strength
from core.options.words import Words, read_words
from core.request import Request
from core.sizes import size_for_ratio
from core.stages import (
    MAX_UPSCALED_SIDE,
    Decode,
    Denoise,
    DenoiseTiles,
    EncodeImage,
    LoadImage,
    Stage,
    Upscale,
    UpscaleLatents,
)
from core.words import _

#: Factors on both sides that members choose from; the first is the buttons'.
SCALES = (2, 4)
#: How much of the enlarged picture is drawn anew; more, and each tile becomes a picture of its own.
STRENGTH = 0.3
#: Share of a tile's side that it has in common with the next one, at least.
_OVERLAP = 1 / 4
#: A latent upscaler halves the small latents three times; pixels.
_LATENT_STEP = 32
#: Sigmas are far apart in the upscaler's schedule: its makers show it with 20 steps.
_LATENT_STEPS = 20


class Way(StrEnum):
    MODEL = "model"
    DETAIL = "detail"
    LATENT = "latent"


@dataclass(frozen=True, kw_only=True)
class UpscaleOptions:
    """The options as they were given; None is what is usual."""

    way: Way = Way.MODEL
    scale: int = SCALES[0]
    #: Name of an upscaler, or for the way of that name a latent upscaler.
    upscaler: str | None = None
    prompt: str | None = None
    strength: float | None = None
    model: str | None = None

    def __post_init__(self) -> None:
        if self.way is not Way.DETAIL:
            self._refuse("strength", _("only `way: detail` draws a share of the picture anew."))
            self._refuse("model", _("only `way: detail` draws with a model of yours."))
        if self.way is Way.MODEL:
            self._refuse("prompt", _("an upscaler reads no words; `way: detail` does."))
        if self.way is Way.LATENT and self.scale != 2:
            raise BadOption("scale", self.scale, _("a latent upscaler makes pictures twice as large."))

    def _refuse(self, option: str, why: str) -> None:
        if getattr(self, option) is not None:
            raise BadOption(option, getattr(self, option), why)

    def size_of(self, source: Input) -> tuple[int, int]:
        """(width, height) of the result, in pixels. Raises BadOption where that is too large."""
        width, height = source.width * self.scale, source.height * self.scale
        if max(width, height) > MAX_UPSCALED_SIDE:
            too_large = _(
                "that would be {width}x{height} pixels; up to {most} on a side are made.",
                width=width,
                height=height,
                most=MAX_UPSCALED_SIDE,
            )
            raise BadOption("scale", self.scale, too_large)
        return width, height


def enlarging(source: Input, upscaler: AddonSpec, scale: int) -> tuple[Stage, ...]:
    """The stages of the plain way."""
    load = LoadImage(image=source.sha256, width=source.width, height=source.height)
    return load, Upscale(upscaler=upscaler.name, scale=scale, factor=upscaler.factor)


@dataclass(frozen=True, kw_only=True)
class DetailOptions(DrawOptions):
    """An order of the way in detail."""

    image: Input
    #: (width, height) in pixels.
    large: tuple[int, int]
    scale: int
    #: What enlarges the picture first; None: scaling alone.
    upscaler: AddonSpec | None
    #: 0 keeps the enlarged picture, 1 replaces it.
    strength: float | str | None = None

    @property
    def needs_words(self) -> bool:
        return False

    def own_size(self, spec: ModelSpec) -> tuple[int, int]:  # noqa: ARG002
        """The nearest in steps of 8 pixels."""
        width, height = (max(8, round(side / 8) * 8) for side in self.large)
        return width, height

    def stages(self, words: Words, denoise: Denoise, spec: ModelSpec) -> tuple[Stage, ...]:
        if self.upscaler is None:
            enlarged: tuple[Stage, ...] = ()
        else:
            enlarged = enlarging(self.image, self.upscaler, self.scale)
        given = None if enlarged else self.image.sha256
        encode = EncodeImage(image=given, width=denoise.width, height=denoise.height)
        # The model's native side, or the largest for which the worker's memory has room.
        side = min(size_for_ratio(1.0, spec))
        tiles = in_tiles(denoise, read_strength(self.strength, STRENGTH), side)
        return words.text, *enlarged, encode, tiles, Decode()


def in_tiles(denoise: Denoise, strength: float, side: int) -> DenoiseTiles:
    """The same denoising of a picture so far, over overlapping tiles of this side in pixels."""
    same = {field.name: getattr(denoise, field.name) for field in fields(Denoise)}
    overlap = round(side * _OVERLAP / 8) * 8
    return DenoiseTiles(**{**same, "strength": strength}, tile=side, overlap=overlap)


def latent_request(options: UpscaleOptions, source: Input, spec: ModelSpec, seed: int) -> Request:
    """The order of a latent upscaler; sides that it cannot halve are scaled to the nearest that it can.

    Raises:
        BadOption: the words will not do, or the picture would be larger than the upscaler and the workers'
            memory allow: all of it goes through each call.
    """
    words = read_words(options.prompt or "", negative=None, style=None, needed=False)
    width, height = (
        max(spec.min_side // 2, round(side / _LATENT_STEP) * _LATENT_STEP)
        for side in (source.width, source.height)
    )
    if max(2 * width, 2 * height) > spec.max_side or not spec.has_room(2 * width, 2 * height):
        too_large = _(
            "{title} makes pictures of up to {side}x{side} pixels, and this would be {width}x{height}; "
            "`way: detail` makes larger ones.",
            title=spec.title,
            side=min(spec.max_side, isqrt(spec.max_pixels or MAX_UPSCALED_SIDE**2)),
            width=2 * width,
            height=2 * height,
        )
        raise BadOption("way", options.way, too_large)
    small = EncodeImage(image=source.sha256, width=width, height=height)
    upscale = UpscaleLatents(steps=_LATENT_STEPS, guidance_scale=1.0, width=2 * width, height=2 * height)
    return Request(
        model=spec.name,
        seed=seed,
        typed_prompt=words.typed,
        stages=(words.text, small, upscale, Decode()),
    )
