"""Pictures that members gave, named by their content: the same picture is stored once, and never changes."""

from __future__ import annotations

import hashlib

from core.storage import Storage

_PREFIX = "inputs/"


def input_key(sha256: str) -> str:
    """Where the picture of this SHA-256 lies in storage."""
    return f"{_PREFIX}{sha256}.png"


def keep_input(storage: Storage, png: bytes) -> str:
    """Store a picture that was decoded and encoded anew; returns its SHA-256. Raises StorageError."""
    sha256 = hashlib.sha256(png).hexdigest()
    storage.put(input_key(sha256), png, "image/png")
    return sha256
