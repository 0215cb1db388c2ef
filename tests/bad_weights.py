"""Weight files that lie, for the doors through which such files come in."""

from __future__ import annotations

import json
import struct
from pathlib import Path


def name_twice(path: Path) -> Path:
    """Let the head of a good file name its first tensor twice, which the safetensors library takes."""
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    entries = json.loads(data[8 : 8 + length])
    name, entry = next((name, entry) for name, entry in entries.items() if name != "__metadata__")
    head = f"{{{json.dumps(name)}: {json.dumps(entry)}, {json.dumps(entries)[1:]}"
    path.write_bytes(struct.pack("<Q", len(head)) + head.encode() + data[8 + length :])
    return path
