"""Outpainting: a picture laid on a larger canvas, and the masks of what is new around it."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFilter

from core.errors import BadOption
from core.model_spec import ModelSpec
from core.pictures import MAX_SIDE
from core.sizes import size_like
from core.words import _

#: Pixels of the picture along its edge that are painted anew with what is around it, and put back in the end:
#: two cells of the latents, so that what is added continues what it touches. More where the model draws the
#: canvas smaller.
_OVERLAP = 16


@dataclass(frozen=True, kw_only=True)
class Extension:
    """Pixels to add on each side of a picture."""

    left: int = 0
    right: int = 0
    up: int = 0
    down: int = 0


@dataclass(frozen=True, kw_only=True)
class Canvas:
    """A picture with room around it, RGB, and two masks of its size, L."""

    image: Image.Image
    #: White is painted anew: what is new, and a little of the picture along it.
    mask: Image.Image
    #: White is what is new.
    change: Image.Image


def extended(image: Image.Image, by: Extension, spec: ModelSpec) -> Canvas:
    """The picture, pixel for pixel, with so many more on some sides.

    A canvas with a side of more than MAX_SIDE pixels is scaled down to it.

    Raises:
        BadOption: nothing is added.
    """
    width, height = image.width + by.left + by.right, image.height + by.up + by.down
    if (width, height) == image.size:
        raise BadOption("sides", 0, _("say how many pixels to add on at least one side."))
    scale = min(1.0, MAX_SIDE / max(width, height))
    small = _scaled(image, scale)
    size = (
        small.width + round((by.left + by.right) * scale),
        small.height + round((by.up + by.down) * scale),
    )
    return _canvas(small, size, (round(by.left * scale), round(by.up * scale)), spec)


def zoomed_out(image: Image.Image, factor: float, spec: ModelSpec) -> Canvas:
    """The picture in the middle of a canvas of its own size, smaller by a factor above 1."""
    small = _scaled(image, 1 / factor)
    corner = ((image.width - small.width) // 2, (image.height - small.height) // 2)
    return _canvas(small, image.size, corner, spec)


def panned(image: Image.Image, *, across: int, down: int, spec: ModelSpec) -> Canvas:
    """The view moved by half the picture: across and down are -1, 0 or 1.

    The canvas grows as far as the model draws; beyond that the far side of the picture is left out.
    """
    grown = tuple(
        max(side, min(side + side // 2, spec.max_side)) if direction else side
        for side, direction in ((image.width, across), (image.height, down))
    )
    size = (grown[0], grown[1]) if spec.has_room(grown[0], grown[1]) else image.size
    added = (image.width // 2 * abs(across), image.height // 2 * abs(down))
    corner = (
        _edge(size[0] - image.width, added[0], across),
        _edge(size[1] - image.height, added[1], down),
    )
    return _canvas(image, size, corner, spec)


def _edge(room: int, added: int, direction: int) -> int:
    """Where the picture begins so that at least `added` pixels are free on the side looked to."""
    if direction == 0:
        return 0
    return max(room, added) if direction < 0 else min(0, room - added)


def _scaled(image: Image.Image, scale: float) -> Image.Image:
    if scale == 1.0:
        return image
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.LANCZOS)


def _canvas(image: Image.Image, size: tuple[int, int], corner: tuple[int, int], spec: ModelSpec) -> Canvas:
    left, top = corner
    drawn = size_like(*size, spec)
    overlap = round(_OVERLAP * max(1.0, size[0] / drawn[0], size[1] / drawn[1]))
    box = (max(left, 0), max(top, 0), min(left + image.width, size[0]), min(top + image.height, size[1]))
    seen = image.crop((box[0] - left, box[1] - top, box[2] - left, box[3] - top))
    untouched = (
        box[0] + overlap * (box[0] > 0),
        box[1] + overlap * (box[1] > 0),
        box[2] - overlap * (box[2] < size[0]),
        box[3] - overlap * (box[3] < size[1]),
    )
    return Canvas(image=_filled(seen, size, box), mask=_mask(size, untouched), change=_mask(size, box))


def _mask(size: tuple[int, int], kept: tuple[int, int, int, int]) -> Image.Image:
    """White but for a box (left, top, right, bottom)."""
    mask = Image.new("L", size, 255)
    left, top, right, bottom = kept
    if right > left and bottom > top:
        ImageDraw.Draw(mask).rectangle((left, top, right - 1, bottom - 1), fill=0)
    return mask


def _filled(image: Image.Image, size: tuple[int, int], box: tuple[int, int, int, int]) -> Image.Image:
    """The picture at its place; around it its edges drawn out and blurred, as a hint of colours."""
    left, top, right, bottom = box
    canvas = Image.new("RGB", size)
    edges = (
        ((0, 0, 1, image.height), (0, top, left, bottom)),
        ((image.width - 1, 0, image.width, image.height), (right, top, size[0], bottom)),
    )
    canvas.paste(image, (left, top))
    for source, target in edges:
        _stretch(canvas, image.crop(source), target)
    # Rows above and below repeat the first and last row, corners and all.
    _stretch(canvas, canvas.crop((0, top, size[0], top + 1)), (0, 0, size[0], top))
    _stretch(canvas, canvas.crop((0, bottom - 1, size[0], bottom)), (0, bottom, size[0], size[1]))
    blurred = canvas.filter(ImageFilter.GaussianBlur(min(size) / 32))
    blurred.paste(image, (left, top))
    return blurred


def _stretch(canvas: Image.Image, strip: Image.Image, box: tuple[int, int, int, int]) -> None:
    width, height = box[2] - box[0], box[3] - box[1]
    if width > 0 and height > 0:
        canvas.paste(strip.resize((width, height)), box[:2])
