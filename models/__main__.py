"""``python -m models convert|fits|identify``: weight files and what this machine can do with them."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

_GIB = 2**30


def _convert(args: argparse.Namespace) -> None:
    from models.files.convert import convert

    target = args.to or args.file.with_suffix(".safetensors")
    convert(args.file, target)
    print(target)


def _identify(args: argparse.Namespace) -> None:
    from models.files.header import read_header
    from models.files.identify import identify

    for file in args.files:
        identity = identify(read_header(file))
        print(f"{file.name}: {identity.kind}, {identity.architecture or 'any architecture'}")


def _fits(args: argparse.Namespace) -> None:
    from core.settings import load_settings
    from models.catalogue import find_models
    from models.engine.fingerprint import pick_device
    from models.fits import footprint, sides_to_try

    settings = load_settings()
    device = pick_device(settings.device)
    memory = int(args.memory * _GIB) if args.memory else _memory_of(device)
    half = bool(args.memory) or device.type != "cpu"
    print(f"{memory / _GIB:.1f} GiB, {'fp16' if half else 'fp32'}")
    for model in find_models(settings.model_dirs):
        print(f"\n{model.spec.title}")
        needs = footprint(model.path, half=half)
        for side in sides_to_try(model.spec.side_multiple, model.spec.native_side):
            way = needs.way(side, side, memory)
            print(f"  {side:>5} x {side:<5} {way or 'no'}")
            if way is None:
                break


def _memory_of(device: torch.device) -> int:
    import os

    import torch

    if device.type == "cuda":
        return torch.cuda.get_device_properties(device).total_memory
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m models", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    convert = verbs.add_parser("convert", help="a .ckpt to .safetensors, in a confined process")
    convert.add_argument("file", type=Path)
    convert.add_argument("--to", type=Path, help="instead of the same name with .safetensors")
    convert.set_defaults(work=_convert)
    identify = verbs.add_parser("identify", help="what weight files are")
    identify.add_argument("files", type=Path, nargs="+")
    identify.set_defaults(work=_identify)
    fits = verbs.add_parser("fits", help="which sizes fit on this machine, and how")
    fits.add_argument("--memory", type=float, help="GiB of a card that is not here, e.g. 8")
    fits.set_defaults(work=_fits)
    args = parser.parse_args()
    from core.errors import AtelierError

    try:
        args.work(args)
    except (AtelierError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
