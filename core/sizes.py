"""The size of a picture: typed in pixels, or a shape near the model's native area."""

from __future__ import annotations

import math
import re

from core.errors import BadOption
from core.model_spec import ModelSpec
from core.words import _

_SIZE = re.compile(r"(\d{1,6})(?:\s*[xX×*]\s*(\d{1,6}))?")
_ASPECT = re.compile(r"(\d{1,4}(?:\.\d{1,3})?)\s*[:/xX×]\s*(\d{1,4}(?:\.\d{1,3})?)")


def size_for_aspect(aspect: str, spec: ModelSpec) -> tuple[int, int]:
    """(width, height) in pixels of that shape, near the model's native area and within its limits.

    Raises:
        BadOption: not of the form `16:9`, or longer than the model's sides allow.
    """
    match = _ASPECT.fullmatch(aspect.strip())
    width_share, height_share = (float(part) for part in match.groups()) if match else (0.0, 0.0)
    if not (width_share and height_share):
        raise BadOption("aspect", aspect, _("write width:height, like 16:9 or 2:3."))
    ratio = width_share / height_share
    longest = spec.max_side / spec.min_side
    if not 1 / longest <= ratio <= longest:
        raise BadOption(
            "aspect",
            aspect,
            _("{title} draws from 1:{longest:.3g} to {longest:.3g}:1.", title=spec.title, longest=longest),
        )
    return size_for_ratio(ratio, spec)


def size_for_ratio(ratio: float, spec: ModelSpec) -> tuple[int, int]:
    """(width, height) in pixels of width over height `ratio`, near the model's native area; its sides must
    allow it."""
    short = spec.native_side / math.sqrt(max(ratio, 1 / ratio))
    short = min(max(short, spec.min_side), spec.max_side / max(ratio, 1 / ratio))
    sides = (short * max(ratio, 1.0), short * max(1 / ratio, 1.0))
    width, height = (_nearest_side(side, spec) for side in sides)
    return _with_room(width, height, spec)


def typed_size(size: str, spec: ModelSpec) -> tuple[int, int]:
    """(width, height) in pixels as they were typed: "512x768", or "512" for a square.

    Raises:
        BadOption: not of that form, or not what the model draws; the text says the nearest that would do.
    """
    match = _SIZE.fullmatch(size.strip())
    if match is None:
        raise BadOption(
            "size",
            size,
            _(
                "write width x height in pixels, like {native_side}x{native_side}.",
                native_side=spec.native_side,
            ),
        )
    width, height = int(match[1]), int(match[2] or match[1])
    near = tuple(_nearest_side(side, spec) for side in (width, height))
    if near != (width, height):
        raise BadOption(
            "size",
            size,
            _(
                "{title} draws sides of {min_side} to {max_side} pixels in steps of {side_multiple}; "
                "{width}x{height} would do.",
                title=spec.title,
                min_side=spec.min_side,
                max_side=spec.max_side,
                side_multiple=spec.side_multiple,
                width=near[0],
                height=near[1],
            ),
        )
    if not spec.has_room(width, height):
        would_do = "{}x{}".format(*_with_room(width, height, spec))
        raise BadOption("size", size, _no_room(spec, would_do))
    return width, height


def size_like(width: int, height: int, spec: ModelSpec) -> tuple[int, int]:
    """(width, height) in pixels for a picture of that size: its own where the model draws it (in its steps),
    else its shape, as nearly as the model can, near the native area."""
    if all(spec.min_side <= side <= spec.max_side for side in (width, height)):
        return _with_room(_nearest_side(width, spec), _nearest_side(height, spec), spec)
    longest = spec.max_side / spec.min_side
    ratio = min(max(width / height, 1 / longest), longest)
    return size_for_ratio(ratio, spec)


def scaled_size(option: str, size: tuple[int, int], scale: float, spec: ModelSpec) -> tuple[int, int]:
    """A size times a factor, in the model's steps. Raises BadOption where that is more than it draws."""
    if max(size) * scale > spec.max_side:
        most = spec.max_side / max(size)
        allowed = _(
            "{title} draws sides of up to {max_side} pixels; {most:.3g} would do.",
            title=spec.title,
            max_side=spec.max_side,
            most=most,
        )
        raise BadOption(option, f"{scale:g}", allowed)
    width, height = (_nearest_side(side * scale, spec) for side in size)
    if not spec.has_room(width, height):
        most = min(_with_room(width, height, spec)) / min(size)
        raise BadOption(option, f"{scale:g}", _no_room(spec, f"{math.floor(100 * most) / 100:g}"))
    return width, height


def _with_room(width: int, height: int, spec: ModelSpec) -> tuple[int, int]:
    """The size itself where the worker's memory allows it, else nearly the largest of its shape."""
    if spec.max_pixels is None or spec.has_room(width, height):
        return width, height
    scale, step = math.sqrt(spec.max_pixels / (width * height)), spec.side_multiple
    short = max(spec.min_side, int(min(width, height) * scale) // step * step)
    long = min(int(max(width, height) * scale), spec.max_pixels // short) // step * step
    return (long, short) if width > height else (short, long)


def _no_room(spec: ModelSpec, would_do: str) -> str:
    side = math.isqrt(spec.max_pixels or 0) // spec.side_multiple * spec.side_multiple
    return _(
        "this studio's memory has room for pictures of {title} as large as {side}x{side}; "
        "{would_do} would do.",
        title=spec.title,
        side=side,
        would_do=would_do,
    )


def _nearest_side(side: float, spec: ModelSpec) -> int:
    multiple = spec.side_multiple
    low, high = math.ceil(spec.min_side / multiple), spec.max_side // multiple
    return min(max(round(side / multiple), low), high) * multiple
