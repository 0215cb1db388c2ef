"""Stages that run aside of the denoising loop, one image at a time; `core.stages` has all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.addon_spec import POINT_MASKER, TEXT_MASKER
from core.errors import BadOption
from core.stage_checks import check_image, check_number, check_sides
from core.words import _

#: What a member may type; the words of a style come on top.
MAX_PROMPT_CHARACTERS = 6000
MAX_TEXT_CHARACTERS = 2 * MAX_PROMPT_CHARACTERS
MAX_CLIP_SKIP = 12
#: Pixels of the longest side that upscaling makes.
MAX_UPSCALED_SIDE = 8192

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
                allowed = _(
                    "it has {length} characters; up to {most} fit.",
                    length=len(text),
                    most=MAX_TEXT_CHARACTERS,
                )
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
    #: The picture's own (width, height), so that all of it is encoded, its edges drawn out where its shape is
    #: another, and a Composite gives it back at that size. None: what does not fit the shape is cropped.
    whole: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        if self.image is not None:
            check_image("image", self.image)
        check_sides(self.width, self.height)
        for side in self.whole or ():
            check_number("whole", side, 1, MAX_UPSCALED_SIDE)


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
            raise BadOption("mask", self.text, _("name the thing in words, or give a point on it."))
        if len(self.text) > MAX_MASK_WORDS:
            raise BadOption(
                "mask", self.text, _("up to {most} characters name a thing.", most=MAX_MASK_WORDS)
            )
        for share in self.point or ():
            check_number("point", share, 0, 1)

    @property
    def masker(self) -> str:
        """What finds the thing."""
        return TEXT_MASKER if self.point is None else POINT_MASKER


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
    """The picture so far where the mask is white; elsewhere the given picture's own pixels, unchanged.

    It is as large as the picture so far, or, where the given one was encoded whole, as that.
    """

    kind: ClassVar[str] = "composite"
    #: SHA-256 of stored pictures.
    image: str
    mask: str

    def __post_init__(self) -> None:
        check_image("image", self.image)
        check_mask(self.mask)


@dataclass(frozen=True, kw_only=True)
class Upscale:
    """The picture so far, enlarged by a network of the ESRGAN family (Wang et al. 2018)."""

    kind: ClassVar[str] = "upscale"
    #: Name of the upscaler, as the catalogue knows it.
    upscaler: str
    #: Factor on both sides.
    scale: int
    #: The network's own, for the price: less than the scale takes several passes. None where nobody knew.
    factor: int | None = None

    def __post_init__(self) -> None:
        if self.scale not in (2, 3, 4, 8):
            raise BadOption("scale", self.scale, _("choose 2, 3, 4 or 8."))
        if self.factor is not None:
            check_number("factor", self.factor, 2, 64)


@dataclass(frozen=True, kw_only=True)
class RestoreFaces:
    """The picture so far, its faces drawn anew by a face restorer; all else keeps its pixels."""

    kind: ClassVar[str] = "restore_faces"
    #: Name of the face restorer, as the catalogue knows it.
    restorer: str
    #: 0 is the clearest face, 1 the one most like the given; None is what the restorer does best with.
    #: CodeFormer's own weight (Zhou et al. 2022); others lay the given face over the restored one by it.
    fidelity: float | None = None

    def __post_init__(self) -> None:
        if self.fidelity is not None:
            check_number("fidelity", self.fidelity, 0, 1)


@dataclass(frozen=True, kw_only=True)
class Caption:
    """What the picture so far shows, in a captioner's words (Li et al. 2022); the picture stays as it is."""

    kind: ClassVar[str] = "caption"
    #: Name of the captioner, as the catalogue knows it.
    captioner: str


def check_mask(mask: str) -> None:
    """Raises BadOption unless it names a stored picture or the mask that was made."""
    if mask != MADE_MASK:
        check_image("mask", mask)
