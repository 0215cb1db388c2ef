"""Stand-ins for face restoration: tiny restorers of random weights, and a detector that takes magenta squares
for faces, in the layout of the published files."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

#: Pixels of a face's side, as the detector sees it.
FACE = 64
#: Eyes, nose and corners of the mouth within a face, as shares of its side.
POINTS = ((0.3, 0.4), (0.7, 0.4), (0.5, 0.6), (0.33, 0.8), (0.67, 0.8))
_STRIDES = (8, 16, 32)
_SEEN = 32


def build_tiny_codeformer(file: Path, *, seed: int = 0) -> None:
    """A CodeFormer for faces of 128 pixels."""
    import torch
    from safetensors.torch import save_file

    from models.restorers.codeformer import CodeFormer, Shape

    torch.manual_seed(seed)
    network = CodeFormer(Shape(widths=(32,) * 6, entry=32, entries=16, embedding=32, layers=1, side=128))
    save_file({f"params_ema.{name}": tensor for name, tensor in network.state_dict().items()}, file)


def build_tiny_gfpgan(file: Path, *, seed: int = 0) -> None:
    """A GFPGAN for faces of 64 pixels, with the published files' parts that only training needs."""
    import torch
    from safetensors.torch import save_file

    from models.restorers.gfpgan import GFPGAN, Shape

    torch.manual_seed(seed)
    network = GFPGAN(Shape(unet=(8, 8, 8, 8, 4), decoder=(16, 16, 16, 8, 8), style=16))
    unused = {"toRGB.0.weight": torch.zeros(3, 8, 1, 1), "stylegan_decoder.style_mlp.1.bias": torch.zeros(16)}
    save_file({**network.state_dict(), **unused}, file)


def build_tiny_detector(file: Path) -> None:
    """An ONNX file with YuNet's outputs (cls, obj, bbox, kps at three strides), which OpenCV's FaceDetectorYN
    runs: a cell of 32 pixels that is magenta through and through is the middle of a face of `FACE` pixels."""
    nodes, weights, outputs = [], [], []
    for stride in _STRIDES:
        kernel = np.zeros((1, 3, stride, stride), np.float32)
        if stride == _SEEN:
            # The mean of (red + blue - 2 green) / 510; OpenCV hands over blue, green, red.
            kernel[0, (0, 2)] = 1 / (510 * stride**2)
            kernel[0, 1] = -2 / (510 * stride**2)
        middle = np.array([0.5, 0.5, *[np.log(FACE / stride)] * 2], np.float32)
        points = ((np.array(POINTS) - 0.5) * FACE / stride + 0.5).astype(np.float32).flatten()
        heads = {
            "cls": (kernel, np.zeros(1, np.float32)),
            "obj": (kernel, np.zeros(1, np.float32)),
            "bbox": (np.zeros((4, 3, stride, stride), np.float32), middle),
            "kps": (np.zeros((10, 3, stride, stride), np.float32), points),
        }
        for head, (weight, bias) in heads.items():
            name = f"{head}_{stride}"
            weights += [_floats(f"{name}.w", weight), _floats(f"{name}.b", bias)]
            weights.append(_integers(f"{name}.s", [1, -1, len(bias)]))
            nodes += [
                _node("Conv", ["input", f"{name}.w", f"{name}.b"], f"{name}.c", strides=[stride, stride]),
                _node("Transpose", [f"{name}.c"], f"{name}.t", perm=[0, 2, 3, 1]),
                _node("Reshape", [f"{name}.t", f"{name}.s"], name),
            ]
            outputs.append(_field(12, _value(name, (1, None, len(bias)))))
    graph = b"".join(
        (
            *(_field(1, node) for node in nodes),
            _field(2, b"faces"),
            *(_field(5, weight) for weight in weights),
            _field(11, _value("input", (1, 3, None, None))),
            *outputs,
        )
    )
    file.write_bytes(_number(1, 8) + _field(7, graph) + _field(8, _field(1, b"") + _number(2, 13)))


# ONNX is protocol buffers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto


def _varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    said = bytearray()
    while value > 0x7F:
        said.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*said, value])


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _field(field: int, data: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(data)) + data


def _node(kind: str, inputs: Iterable[str], output: str, **attributes: Sequence[int]) -> bytes:
    told = b"".join(_field(5, _attribute(name, values)) for name, values in attributes.items())
    given = b"".join(_field(1, name.encode()) for name in inputs)
    return given + _field(2, output.encode()) + _field(3, output.encode()) + _field(4, kind.encode()) + told


def _attribute(name: str, values: Sequence[int]) -> bytes:
    return _field(1, name.encode()) + b"".join(_number(8, value) for value in values) + _number(20, 7)


def _floats(name: str, values: NDArray[np.float32]) -> bytes:
    sides = b"".join(_number(1, side) for side in values.shape)
    return sides + _number(2, 1) + _field(8, name.encode()) + _field(9, values.astype("<f4").tobytes())


def _integers(name: str, values: Sequence[int]) -> bytes:
    data = struct.pack(f"<{len(values)}q", *values)
    return _number(1, len(values)) + _number(2, 7) + _field(8, name.encode()) + _field(9, data)


def _value(name: str, sides: Sequence[int | None]) -> bytes:
    shape = b"".join(_field(1, _field(2, b"n") if side is None else _number(1, side)) for side in sides)
    tensor = _number(1, 1) + _field(2, shape)
    return _field(1, name.encode()) + _field(2, _field(1, tensor))
