"""What a weight file says of itself, and files that lie."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from models.files.header import BadWeights, Tensor, read_header


def write_raw(path: Path, head: str, body: bytes = b"") -> Path:
    path.write_bytes(struct.pack("<Q", len(head)) + head.encode() + body)
    return path


def test_names_types_shapes_and_metadata_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    save_file({"x": torch.zeros(2, 3, dtype=torch.float16), "y": torch.zeros(5)}, path, {"format": "pt"})

    header = read_header(path)

    assert dict(header.tensors) == {
        "x": Tensor(dtype="F16", shape=(2, 3)),
        "y": Tensor(dtype="F32", shape=(5,)),
    }
    assert header.metadata["format"] == "pt"
    assert header.shape("nothing") == ()


def test_a_name_that_stands_twice_is_refused(tmp_path: Path) -> None:
    entry = json.dumps({"dtype": "F32", "shape": [1], "data_offsets": [0, 4]})
    path = write_raw(tmp_path / "twice.safetensors", f'{{"x": {entry}, "x": {entry}}}', bytes(4))

    with pytest.raises(BadWeights, match="names x twice"):
        read_header(path)


def test_a_pickle_with_another_ending_is_refused_and_told_what_would_do(tmp_path: Path) -> None:
    path = tmp_path / "evil.safetensors"
    torch.save({"x": torch.zeros(1)}, path)

    with pytest.raises(BadWeights, match=r"no safetensors file.*\.ckpt.*convert"):
        read_header(path)


@pytest.mark.parametrize(
    "head",
    [
        "[1, 2]",
        "{  ",
        '{"x": 1}',
        '{"x": {"dtype": "F32", "shape": [1], "data_offsets": [0, 400]}}',
        '{"x": {"dtype": "F32", "shape": ["a"], "data_offsets": [0, 4]}}',
        "[" * 100_000,
    ],
)
def test_a_broken_head_is_refused(tmp_path: Path, head: str) -> None:
    with pytest.raises(BadWeights, match="head"):
        read_header(write_raw(tmp_path / "broken.safetensors", head, bytes(4)))


@pytest.mark.parametrize("content", [b"", b"abc", bytes(8), b"\xff" * 20, b"<html><body>404</body></html>"])
def test_what_is_no_such_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "no.safetensors"
    path.write_bytes(content)

    with pytest.raises(BadWeights, match="no safetensors file"):
        read_header(path)
