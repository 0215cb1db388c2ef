"""Outpainting: a picture laid on a larger canvas, and the masks of what is new around it."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFilter

from core.errors import BadOption
from core.model_spec import ModelSpec
from core.sizes import room_scale
from core.words import _

#: Pixels of the picture along its edge that are painted anew with what is around it, and put back in the end:
#: two cells of the latents, so that what is added continues what it touches.
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
    """The picture, at its own size, with more on some sides.

    Sides are rounded up to the model's steps: what that adds comes where something is asked for, else on both
    sides. Where the whole would be larger than the model draws, all of it is scaled down first.

    Raises:
        BadOption: nothing is added, or so much that too little would be left of the picture.
    """
    width, height = image.width + by.left + by.right, image.height + by.up + by.down
    if (width, height) == image.size:
        raise BadOption("sides", 0, _("say how many pixels to add on at least one side."))
    scale = min(spec.max_side / width, spec.max_side / height, room_scale(width, height, spec))
    small = _scaled(image, scale)
    if min(small.size) < spec.side_multiple:
        raise BadOption(
            "sides",
            f"{width}x{height}",
            _("{title} draws up to {max_side} pixels.", title=spec.title, max_side=spec.max_side),
        )
    size = (
        _whole_steps(small.width + round((by.left + by.right) * scale), spec),
        _whole_steps(small.height + round((by.up + by.down) * scale), spec),
    )
    corner = (
        _place(size[0] - small.width, by.left, by.right),
        _place(size[1] - small.height, by.up, by.down),
    )
    return _canvas(small, size, corner)


def zoomed_out(image: Image.Image, factor: float) -> Canvas:
    """The picture in the middle of a canvas of its own size, smaller by a factor above 1."""
    small = _scaled(image, 1 / factor)
    corner = ((image.width - small.width) // 2, (image.height - small.height) // 2)
    return _canvas(small, image.size, corner)


def panned(image: Image.Image, *, across: int, down: int, spec: ModelSpec) -> Canvas:
    """The view moved by half the picture: across and down are -1, 0 or 1.

    The canvas grows as far as the model draws; beyond that the far side of the picture is left out.
    """
    grown = tuple(
        min(_whole_steps(side + side // 2, spec), spec.max_side) if direction else side
        for side, direction in ((image.width, across), (image.height, down))
    )
    size = (grown[0], grown[1]) if spec.has_room(grown[0], grown[1]) else image.size
    added = (image.width // 2 * abs(across), image.height // 2 * abs(down))
    corner = (
        _edge(size[0] - image.width, added[0], across),
        _edge(size[1] - image.height, added[1], down),
    )
    return _canvas(image, size, corner)


def _edge(room: int, added: int, direction: int) -> int:
    """Where the picture begins so that at least `added` pixels are free on the side looked to."""
    if direction == 0:
        return 0
    return max(room, added) if direction < 0 else min(0, room - added)


def _place(room: int, before: int, after: int) -> int:
    """Where the picture begins, given how much room there is along one direction."""
    asked = before + after
    return round(room * before / asked) if asked else room // 2


def _whole_steps(side: int, spec: ModelSpec) -> int:
    steps = -(-side // spec.side_multiple) * spec.side_multiple
    return min(max(steps, spec.min_side), spec.max_side // spec.side_multiple * spec.side_multiple)


def _scaled(image: Image.Image, scale: float) -> Image.Image:
    if scale == 1.0:
        return image
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.LANCZOS)


def _canvas(image: Image.Image, size: tuple[int, int], corner: tuple[int, int]) -> Canvas:
    left, top = corner
    box = (max(left, 0), max(top, 0), min(left + image.width, size[0]), min(top + image.height, size[1]))
    seen = image.crop((box[0] - left, box[1] - top, box[2] - left, box[3] - top))
    untouched = (
        box[0] + _OVERLAP * (box[0] > 0),
        box[1] + _OVERLAP * (box[1] > 0),
        box[2] - _OVERLAP * (box[2] < size[0]),
        box[3] - _OVERLAP * (box[3] < size[1]),
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
