"""Which device, and what about it decides an image's bits."""

from __future__ import annotations

import gc
import platform
from functools import cache
from pathlib import Path

import diffusers
import PIL
import torch
import transformers

from core.recipe import Fingerprint


def pick_device(name: str) -> torch.device:
    """The torch device of this name; "auto" takes a graphics card where there is one."""
    if name != "auto":
        return torch.device(name)
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def pick_dtype(device: torch.device) -> torch.dtype:
    """Half precision halves memory and time on graphics cards; processors only get slower by it."""
    return torch.float16 if device.type == "cuda" else torch.float32


def forbid_tuning() -> None:
    """Have the same kernels chosen for the same shapes each time; tuning picks by a race between them."""
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.deterministic = True


def synchronize(device: torch.device) -> None:
    """Wait until the device has done what it was told."""
    if device.type != "cpu":
        getattr(torch, device.type).synchronize()


def free_memory(device: torch.device) -> None:
    """Give back what nothing refers to any more."""
    gc.collect()
    if device.type != "cpu":
        getattr(torch, device.type).empty_cache()


def fingerprint(device: torch.device, dtype: torch.dtype, *, exact: bool, tiled: bool) -> Fingerprint:
    return Fingerprint(
        device=device.type,
        hardware=hardware_name(device),
        dtype=str(dtype).removeprefix("torch."),
        threads=torch.get_num_threads(),
        torch=torch.__version__,
        diffusers=diffusers.__version__,
        transformers=transformers.__version__,
        pillow=PIL.__version__,
        exact=exact,
        tiled=tiled,
    )


@cache
def hardware_name(device: torch.device) -> str:
    """E.g. "NVIDIA GeForce RTX 4090", or the processor's name and the vector instructions in use."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"{_processor_name()} ({torch.backends.cpu.get_cpu_capability()})"


def _processor_name() -> str:
    information = Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())
