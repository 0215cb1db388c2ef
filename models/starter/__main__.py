"""``python -m models.starter train|export|sample|curves``: make the starter model again, from nothing.

``train`` and ``export`` with their defaults are the shipped weights' recipe.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from models.starter.recipe import SHIPPED, STAGES


def _train(args: argparse.Namespace) -> int:
    from models.starter import recipe

    for name in args.stages or STAGES:
        recipe.train(
            name,
            args.folder,
            minutes=args.minutes or STAGES[name].minutes,
            seed=args.seed,
            ranks=args.ranks,
            device=args.device,
        )
    return 0


def _export(args: argparse.Namespace) -> int:
    from models.starter import recipe
    from models.starter.pipeline import WEIGHTS

    target = args.to or WEIGHTS.parent
    for name, size in recipe.export(args.folder, target, args.parts):
        print(f"{target / name}: {size / 1e6:.2f} MB")
    if args.to is None:
        shutil.copy(args.folder / "log.jsonl", Path(__file__).parent / "training-log.jsonl")
    return 0


def _sample(args: argparse.Namespace) -> int:
    from models.starter import grammar, pipeline

    pipe = pipeline.load(args.weights or pipeline.WEIGHTS)
    if args.prompt:
        next(pipeline.draw_prompts(pipe, [args.prompt], args.seed)).save(args.out)
    else:
        pipeline.contact_sheet(pipe, grammar.GROUPS, seed=args.seed).save(args.out, optimize=True)
    print(args.out)
    return 0


def _curves(args: argparse.Namespace) -> int:
    from models.starter import curves

    curves.draw(args.log, args.out)
    print(args.out)
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m models.starter", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("data/train"), help="training's own state")
    verbs = parser.add_subparsers(dest="verb", required=True)
    train = verbs.add_parser("train", help="every stage, or those named; resumes where it stopped")
    train.add_argument("stages", nargs="*", metavar="STAGE", help=f"out of {', '.join(STAGES)}")
    train.add_argument("--minutes", type=float, help="instead of the recipe's, for each stage named")
    train.add_argument("--seed", type=int, default=1)
    train.add_argument("--ranks", type=int, default=2, help="one-thread processes; 1 for a GPU")
    train.add_argument("--device", default="cpu")
    train.set_defaults(work=_train)
    export = verbs.add_parser("export", help="write the shipped folders from training's state")
    export.add_argument("parts", nargs="*", metavar="PART", help=f"out of {', '.join(SHIPPED)}")
    export.add_argument("--to", type=Path, help="instead of models/starter/weights")
    export.set_defaults(work=_export)
    sample = verbs.add_parser("sample", help="draw a prompt, or a contact sheet of random ones")
    sample.add_argument("prompt", nargs="?")
    sample.add_argument("--weights", type=Path)
    sample.add_argument("--seed", type=int, default=7)
    sample.add_argument("--out", type=Path, default=Path("sample.png"))
    sample.set_defaults(work=_sample)
    curves = verbs.add_parser("curves", help="the training log as a picture")
    curves.add_argument("--log", type=Path, default=Path(__file__).parent / "training-log.jsonl")
    curves.add_argument("--out", type=Path, default=Path("curves.svg"))
    curves.set_defaults(work=_curves)
    args = parser.parse_args()
    for named, known in (("stages", STAGES), ("parts", SHIPPED)):
        unknown = set(getattr(args, named, ())) - set(known)
        if unknown:
            parser.error(f"no {', '.join(sorted(unknown))} among the {named}: {', '.join(known)}")
    if getattr(args, "minutes", None) and not args.stages:
        parser.error("--minutes goes with the stages that it is for: train controlnet --minutes 30")
    return args.work(args)


if __name__ == "__main__":
    raise SystemExit(main())
