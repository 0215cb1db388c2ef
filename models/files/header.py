"""The head of a safetensors file: names, types and shapes of its tensors, without reading the weights.

The format (<https://github.com/huggingface/safetensors#format>): eight bytes that give the head's length
(little endian), the head as JSON, then the tensors' bytes. The library takes a head in which a name stands
twice, so that two readers may see two different files; here such a file is refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from core.errors import AtelierError

#: The library's own bound on the head.
_MAX_HEAD_BYTES = 100_000_000


class BadWeights(AtelierError):
    """A weight file that can't be used; the text says why and what would do."""


@dataclass(frozen=True, kw_only=True)
class Tensor:
    """One tensor of a file."""

    #: The format's name, e.g. "F16".
    dtype: str
    shape: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Header:
    """What a file says of itself."""

    tensors: Mapping[str, Tensor]
    #: Free words of whoever wrote it.
    metadata: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def shape(self, name: str) -> tuple[int, ...]:
        """The tensor's shape; () where there is none of this name."""
        tensor = self.tensors.get(name)
        return tensor.shape if tensor else ()

    def has(self, prefix: str) -> bool:
        """Whether any tensor's name begins so."""
        return any(name.startswith(prefix) for name in self.tensors)


def read_header(path: Path) -> Header:
    """Read a file's head.

    Raises:
        BadWeights: it is no safetensors file, or one that may mean two things.
        OSError: it can't be read.
    """
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        size = path.stat().st_size
        if not 2 <= length <= min(_MAX_HEAD_BYTES, max(0, size - 8)):
            raise BadWeights(
                f"{path.name} is no safetensors file, whatever its name says. {_what_would_do(path)}"
            )
        head = file.read(length)
    try:
        entries = json.loads(head, object_pairs_hook=_without_doubles)
        metadata = entries.pop("__metadata__", {})
        tensors = {name: _tensor(entry, size - 8 - length) for name, entry in entries.items()}
    except _Doubled as error:
        raise BadWeights(f"{path.name} names {error} twice, so nobody can say what it holds.") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise BadWeights(f"The head of {path.name} is broken. Download it again.") from None
    return Header(tensors=MappingProxyType(tensors), metadata=MappingProxyType(dict(metadata)))


class _Doubled(Exception):
    """A name that stands twice."""


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise _Doubled(name[:80])
        found[name] = value
    return found


def _tensor(entry: dict[str, Any], body_bytes: int) -> Tensor:
    start, end = entry["data_offsets"]
    if not 0 <= start <= end <= body_bytes:
        raise ValueError
    return Tensor(dtype=str(entry["dtype"]), shape=tuple(int(side) for side in entry["shape"]))


def _what_would_do(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(4)
    if start[:2] == b"PK" or start[:1] == b"\x80":
        return "It looks like a .ckpt: give it that ending and run `python -m models convert`."
    return "Download it again."
