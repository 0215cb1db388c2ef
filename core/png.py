"""PNG files that carry their recipe, with equal bytes for equal pixels and recipe; and what the file of any
picture says of how it was made."""

from __future__ import annotations

import io
import json

from PIL import Image, PngImagePlugin

from core.parameters import parameters_text
from core.recipe import Recipe

#: Text chunk that A1111 users' tools read.
PARAMETERS_CHUNK = "parameters"
#: Text chunk with the recipe as JSON.
RECIPE_CHUNK = "atelier"

#: Tags of EXIF 2.3: where its own fields begin, and the one that A1111 fills.
_EXIF, _USER_COMMENT = 0x8769, 0x9286

# Far above any picture that Atelier makes, far below what would fill the memory.
_MAX_PIXELS = 64_000_000
#: Twice what two of the longest prompts with all their settings take.
MAX_PARAMETERS = 50_000


def encode_png(image: Image.Image, recipe: Recipe) -> bytes:
    """The image (RGB, 8 bit) as a PNG with `parameters` text and JSON recipe."""
    info = PngImagePlugin.PngInfo()
    info.add_text(PARAMETERS_CHUNK, parameters_text(recipe))
    info.add_text(RECIPE_CHUNK, json.dumps(recipe.to_json(), sort_keys=True, separators=(",", ":")))
    buffer = io.BytesIO()
    image.save(buffer, format="PNG", pnginfo=info, compress_level=6)
    return buffer.getvalue()


def read_parameters(data: bytes) -> str | None:
    """The A1111 `parameters` text in a picture (PNG text, or EXIF of JPEG and WebP); None where there is
    none, or one longer than MAX_PARAMETERS."""
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP")) as image:
            if image.width * image.height > _MAX_PIXELS:
                return None
            image.load()
            text = getattr(image, "text", {}).get(PARAMETERS_CHUNK)
            text = text or _user_comment(image.getexif().get_ifd(_EXIF).get(_USER_COMMENT))
            return text if text and len(text) <= MAX_PARAMETERS else None
    except (OSError, SyntaxError, ValueError, KeyError, TypeError, AttributeError, EOFError):
        return None


def _user_comment(comment: object) -> str | None:
    """EXIF's comment: eight bytes name its encoding, the rest is the text."""
    if not isinstance(comment, bytes) or len(comment) <= 8:
        return None
    encoding = "utf-16-be" if comment.startswith(b"UNICODE") else "utf-8"
    return comment[8:].decode(encoding, errors="replace").strip("\0 ") or None
