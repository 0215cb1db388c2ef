"""Pictures from people, decoded safely: whatever comes in, what goes on is small, upright, 8-bit and bare.

Only three decoders are ever tried, the size is judged before any pixel is decoded, and everything but the
pixels (EXIF with its places, profiles, texts) is left behind.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

from core.errors import BadOption
from core.words import _

#: Larger files are not even fetched.
MAX_BYTES = 20 * 2**20
#: Above what phones take, below what would fill the memory.
MAX_PIXELS = 50_000_000
#: A longer side is scaled down to this: more than any model draws.
MAX_SIDE = 4096
_MIN_SIDE = 8

_FORMATS = ("PNG", "JPEG", "WEBP")
#: A mask of white strokes has nothing darker.
_LIGHT = 200
#: A 16-bit value in steps of an 8-bit one.
_STEP_16_BIT = 257


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A decoded picture."""

    #: RGB, 8 bit, upright; what was transparent is white.
    image: Image.Image
    #: L, 8 bit, the same size: white where it was transparent; None where nothing was.
    transparent: Image.Image | None


def read_picture(option: str, name: str, data: bytes) -> Picture:
    """Decode a file; of an animation, the first picture.

    Args:
        option: what a refusal calls it, such as "image".
        name: the file's name, for the refusal; nothing is concluded from it.

    Raises:
        BadOption: no such picture, a broken one, or one that is too large or too small.
    """
    if len(data) > MAX_BYTES:
        raise too_large(option, name)
    try:
        with warnings.catch_warnings():
            # Pillow warns of large pictures, of which there are none after the check, and of odd metadata.
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
                _check_size(option, name, opened)
                return _picture(_shrunk(opened))
    except UnidentifiedImageError:
        raise BadOption(
            option, name, _("it is no picture that can be read; a PNG, JPEG or WebP picture would do.")
        ) from None
    except Image.DecompressionBombError:
        raise BadOption(option, name, _too_many_pixels()) from None
    # What Pillow raises for files that are cut off, damaged, or made to harm.
    except (OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, EOFError, OverflowError):
        raise BadOption(
            option, name, _("the file is damaged or cut off; a PNG, JPEG or WebP picture would do.")
        ) from None


def too_large(option: str, name: str) -> BadOption:
    """The refusal of a file of too many bytes."""
    return BadOption(option, name, _("it is larger than {most} MiB.", most=MAX_BYTES // 2**20))


def read_mask(picture: Picture) -> Image.Image:
    """What a mask that was handed in marks, as L, 8 bit, white where it is to be painted anew.

    It may be drawn in black and white, be white strokes on nothing, or be a cut-out whose hole is meant.
    """
    drawn = picture.image.convert("L")
    if picture.transparent is None:
        return drawn
    strokes = ImageOps.invert(picture.transparent)
    darkest = Image.composite(drawn, Image.new("L", drawn.size, 255), strokes).getextrema()[0]
    return strokes if isinstance(darkest, int | float) and darkest > _LIGHT else picture.transparent


def encode_input(image: Image.Image) -> bytes:
    """The picture (RGB or L) as a PNG that holds nothing but its pixels: equal bytes for equal pixels."""
    bare = Image.frombytes(image.mode, image.size, image.tobytes())
    buffer = io.BytesIO()
    bare.save(buffer, format="PNG", compress_level=6)
    return buffer.getvalue()


def _check_size(option: str, name: str, opened: Image.Image) -> None:
    if opened.width * opened.height > MAX_PIXELS:
        raise BadOption(option, name, _too_many_pixels())
    if min(opened.size) < _MIN_SIDE:
        raise BadOption(option, name, _("it is smaller than {least} pixels.", least=_MIN_SIDE))


def _too_many_pixels() -> str:
    return _("it has more than {most} million pixels.", most=MAX_PIXELS // 10**6)


def _shrunk(opened: Image.Image) -> Image.Image:
    """Decoded, upright, and no longer than MAX_SIDE."""
    # JPEG decodes straight to a smaller size; other formats ignore it.
    opened.draft(None, (MAX_SIDE, MAX_SIDE))
    opened.seek(0)
    opened.load()
    upright = ImageOps.exif_transpose(_eight_bit(opened))
    upright.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
    return upright


def _eight_bit(image: Image.Image) -> Image.Image:
    """RGB or RGBA. Pillow would clip 16 bits instead of scaling them."""
    if image.mode.startswith("I"):
        scaled = image.convert("I").point(lambda value: value * (1 / _STEP_16_BIT))
        return _with_exif(scaled.convert("L").convert("RGB"), image)
    has_alpha = "A" in image.getbands() or "transparency" in image.info
    return image.convert("RGBA" if has_alpha else "RGB")


def _with_exif(converted: Image.Image, original: Image.Image) -> Image.Image:
    """`point` forgets which side is up."""
    if "exif" in original.info:
        converted.info["exif"] = original.info["exif"]
    return converted


def _picture(image: Image.Image) -> Picture:
    if image.mode == "RGB":
        return Picture(image=image, transparent=None)
    alpha = image.getchannel("A")
    white = Image.new("RGBA", image.size, "white")
    flat = Image.alpha_composite(white, image).convert("RGB")
    opaque = alpha.getextrema() == (255, 255)
    return Picture(image=flat, transparent=None if opaque else ImageOps.invert(alpha))
