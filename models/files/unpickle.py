"""The child of `models.files.convert`: confines itself, then reads tensors and writes safetensors."""

from __future__ import annotations

import ctypes
import resource
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

#: Memory beyond the file and its copy, bytes: torch's own takes most of it.
_SLACK_BYTES = 6 * 2**30
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000

#: The first line that it prints where it has no network.
OFFLINE = "offline"


def confine(size: int) -> bool:
    """Bound what this process may use to read a file of `size` bytes. Before torch starts its threads.

    Returns:
        Whether its network was taken away; not every system lets a process do that.
    """
    resource.setrlimit(resource.RLIMIT_AS, (2 * size + _SLACK_BYTES,) * 2)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2 * size + 2**20,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    libc = ctypes.CDLL(None)
    # Linux: an empty network namespace. Without root it comes with a user namespace, where those are allowed.
    ways = (_CLONE_NEWNET, _CLONE_NEWUSER | _CLONE_NEWNET) if hasattr(libc, "unshare") else ()
    return any(libc.unshare(way) == 0 for way in ways)


#: What a table of tensors is called: in checkpoints of Stable Diffusion, and in BasicSR's (upscalers, face
#: restorers), whose averaged weights come first.
_TABLES = ("state_dict", "params_ema", "params")


def tensors_of(state: Any) -> dict[str, Any]:
    """The tensors of a checkpoint, unwrapped from its table's name; other values are left behind."""
    import torch

    while isinstance(state, Mapping):
        inner = next((state[name] for name in _TABLES if isinstance(state.get(name), Mapping)), None)
        if inner is None:
            break
        state = inner
    if not isinstance(state, Mapping):
        raise SystemExit("it holds no table of tensors.")
    found = {
        str(name): value.clone().contiguous()
        for name, value in state.items()
        if isinstance(value, torch.Tensor)
    }
    if not found:
        raise SystemExit("it holds no tensors.")
    return found


def main(source: Path, target: Path) -> None:
    if confine(source.stat().st_size):
        print(OFFLINE)
    import pickle

    import torch
    from safetensors.torch import save_file

    try:
        state = torch.load(source, map_location="cpu", weights_only=True, mmap=_is_zip(source))
    except pickle.UnpicklingError:
        raise SystemExit("it holds more than tensors, such as code, and is not opened.") from None
    except (RuntimeError, EOFError, ValueError):
        raise SystemExit("it is broken, or no .ckpt.") from None
    save_file(tensors_of(state), target, metadata={"format": "pt"})


def _is_zip(path: Path) -> bool:
    """torch maps its present format into memory; files of before 2020 are read as a whole."""
    with path.open("rb") as file:
        return file.read(2) == b"PK"


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
