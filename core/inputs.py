"""Pictures that members gave, named by their content: the same picture is stored once, and never changes."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass

from PIL import Image

from core.errors import ObjectMissing
from core.pictures import encode_input
from core.storage import Storage

_PREFIX = "inputs/"


@dataclass(frozen=True, kw_only=True)
class Input:
    """A stored picture."""

    #: SHA-256 of its file.
    sha256: str
    #: Pixels.
    width: int
    height: int


def input_key(sha256: str) -> str:
    """Where the picture of this SHA-256 lies in storage."""
    return f"{_PREFIX}{sha256}.png"


def keep_input(storage: Storage, image: Image.Image) -> Input:
    """Store a picture (RGB or L, 8 bit) without anything but its pixels. Raises StorageError."""
    png = encode_input(image)
    sha256 = hashlib.sha256(png).hexdigest()
    storage.put(input_key(sha256), png, "image/png")
    return Input(sha256=sha256, width=image.width, height=image.height)


def load_input(storage: Storage, sha256: str) -> Image.Image:
    """A stored picture, RGB or L.

    Raises:
        ObjectMissing: it is not there, or not what it was.
        StorageError: the storage failed.
    """
    png = storage.get(input_key(sha256))
    if hashlib.sha256(png).hexdigest() != sha256:
        raise ObjectMissing(f"{input_key(sha256)} is not what it was")
    with Image.open(io.BytesIO(png), formats=("PNG",)) as image:
        image.load()
        return image.copy()
