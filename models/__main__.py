"""``python -m models accept|convert|fetch|fits|identify``: weight files, and what fits here."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

_GIB = 2**30


def _convert(args: argparse.Namespace) -> None:
    from models.files.convert import convert

    target = args.to or args.file.with_suffix(".safetensors")
    if not convert(args.file, target):
        print("This system did not take the network from the process that read it.", file=sys.stderr)
    print(target)


def _fetch(args: argparse.Namespace) -> None:
    from core.settings import load_settings
    from models.fetch import fetch
    from models.known import known_model, known_models

    if args.name is None:
        for model in known_models():
            print(f"{model.name:<18}{model.kind:<12}{model.bytes / _GIB:6.1f} GiB  {model.licence}")
        return
    settings = load_settings()
    accepts = (lambda *_: True) if args.accept_licence else _asked
    print(fetch(known_model(args.name), settings.model_dirs[0], settings.data_dir, accepts))


def _accept(args: argparse.Namespace) -> None:
    from core.settings import load_settings
    from models.known import known_model
    from models.licences import accept

    model = known_model(args.name)
    if model.is_free:
        print(f"{model.title} comes under {model.licence} ({model.licence_url}), which asks for no answer.")
    elif accept(model, load_settings().data_dir, (lambda *_: True) if args.yes else _asked):
        print(f"{model.licence} is accepted, for every model that comes under it.")
    else:
        print(f"{model.licence} ({model.licence_url}) is not accepted; what comes under it is not offered.")


def _asked(licence: str, address: str) -> bool:
    """Whether the owner accepts a licence; only a person at a terminal can be asked."""
    if not sys.stdin.isatty():
        return False
    return input(f"It comes under {licence} ({address}). Do you accept it? [yes/no] ").strip() == "yes"


def _identify(args: argparse.Namespace) -> None:
    from models.files.header import read_header
    from models.files.identify import identify

    for file in args.files:
        identity = identify(read_header(file))
        print(f"{file.name}: {identity.kind_name}, {identity.architecture or 'any architecture'}")


#: How the table names each way.
_WAYS = {
    "plain": "yes",
    "sliced": "with sliced attention",
    "tiled": "with a tiled VAE",
    "offloaded": "with offload, slower",
}


def _fits(args: argparse.Namespace) -> None:
    from core.settings import load_settings
    from models.catalogue import find_models
    from models.engine.fingerprint import pick_device
    from models.fits import Machine, sides_to_try, this_machine
    from models.fitting import Traced
    from models.plans import plan_for

    settings = load_settings()
    machine = this_machine(pick_device(settings.device), args.memory or settings.memory_gib)
    if args.memory:
        machine = Machine(budget=machine.budget, half=True, fused=True)
    print(f"{machine.budget / _GIB:.1f} GiB usable, {'fp16' if machine.half else 'fp32'}")
    traced = Traced(None, machine)
    for model in find_models(settings.model_dirs):
        print(f"\n{model.spec.title}")
        needs = traced.needs(model)
        if needs is None:
            print("  what it takes is not known")
            continue
        sides = list(sides_to_try(model.spec.side_multiple, model.spec.native_side))
        plan = plan_for(needs, machine.budget, sides[-1] ** 2)
        for side in sides:
            way = plan.way(side * side)
            print(f"  {side:>5} x {side:<5} {'no' if way is None else _WAYS[way]}")
            if way is None:
                break


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m models", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    convert = verbs.add_parser("convert", help="a .ckpt to .safetensors, in a confined process")
    convert.add_argument("file", type=Path)
    convert.add_argument("--to", type=Path, help="instead of the same name with .safetensors")
    convert.set_defaults(work=_convert)
    fetch = verbs.add_parser("fetch", help="a known model from the hub into the first model directory")
    fetch.add_argument("name", nargs="?", help="without one, the known models are listed")
    fetch.add_argument(
        "--accept-licence", action="store_true", help="you have read its licence and accept it"
    )
    fetch.set_defaults(work=_fetch)
    accept = verbs.add_parser("accept", help="the terms of a known model's licence, once")
    accept.add_argument("name")
    accept.add_argument("--yes", action="store_true", help="you have read them and accept them")
    accept.set_defaults(work=_accept)
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
