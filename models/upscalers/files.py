"""Upscalers on disk: RRDBNets in the two spellings that people exchange."""

from __future__ import annotations

import re
from math import isqrt
from pathlib import Path
from typing import Any

from models.files.header import BadWeights, Header, read_header

#: ESRGAN's first spelling (model.1.sub.0.RDB1.conv1.0) to Real-ESRGAN's (body.0.rdb1.conv1); the numbers
#: behind the body are those of a 4x net, by far the most common.
_OLD = (
    (re.compile(r"^model\.0\."), "conv_first."),
    (re.compile(r"^model\.1\.sub\.(\d+)\.RDB(\d)\.conv(\d)\.0\."), r"body.\1.rdb\2.conv\3."),
    (re.compile(r"^model\.1\.sub\.\d+\.(weight|bias)$"), r"conv_body.\1"),
    (re.compile(r"^model\.3\."), "conv_up1."),
    (re.compile(r"^model\.6\."), "conv_up2."),
    (re.compile(r"^model\.8\."), "conv_hr."),
    (re.compile(r"^model\.10\."), "conv_last."),
)


def facts(path: Path) -> dict[str, Any]:
    """Fields of the AddonSpec that an upscaler's file tells.

    Raises:
        BadWeights: it is no RRDBNet.
    """
    if path.is_dir():
        raise BadWeights("an upscaler is one .safetensors file.")
    return {"factor": factor_of(read_header(path))}


def factor_of(header: Header) -> int:
    """By how much both sides grow. Raises BadWeights."""
    names = {renamed(name): tensor.shape for name, tensor in header.tensors.items()}
    first = names.get("conv_first.weight", ())
    if len(first) != 4 or "conv_last.weight" not in names or first[1] % 3:
        raise BadWeights("it is no upscaler of the ESRGAN family.")
    doublings = sum(name.startswith("conv_up") and name.endswith(".weight") for name in names)
    factor, left = divmod(2**doublings, isqrt(first[1] // 3))
    if left or factor < 2:
        raise BadWeights("it does not enlarge pictures.")
    return int(factor)


def renamed(name: str) -> str:
    """A tensor's name in Real-ESRGAN's spelling."""
    name = name.removeprefix("params_ema.").removeprefix("params.")
    for old, new in _OLD:
        name = old.sub(new, name)
    return name
