"""``python -m models.starter train|export|sample``: make the starter model again, from nothing.

``train`` and ``export`` with their defaults are the shipped weights' recipe.
"""

from __future__ import annotations

import argparse
from pathlib import Path


def _train(args: argparse.Namespace) -> int:
    from models.starter import crew, diffusion, reading, tokens, vae

    common = {"folder": args.folder, "seed": args.seed, "ranks": args.ranks, "device": args.device}
    if not (args.folder / "vae" / "config.json").exists():
        crew.run(vae.train, crew.Job(seconds=args.vae_minutes * 60, rate=2e-3, **common), port=29517)
    tokens.words_of(args.folder)  # before there are ranks that could both write it
    if not (args.folder / "text.pt").exists():
        crew.run(
            reading.train,
            crew.Job(seconds=args.reading_minutes * 60, rate=2e-3, warm_up=10, **common),
            port=29518,
        )
    crew.run(diffusion.train, crew.Job(seconds=args.minutes * 60, **common), port=29519)
    return 0


def _export(args: argparse.Namespace) -> int:
    from models.starter import pipeline

    target = args.to or pipeline.WEIGHTS
    pipeline.export(args.folder, target)
    size = sum(file.stat().st_size for file in target.rglob("*") if file.is_file())
    print(f"{target}: {size / 1e6:.1f} MB")
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


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m models.starter", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("data/train"), help="training's own state")
    verbs = parser.add_subparsers(dest="verb", required=True)
    train = verbs.add_parser("train", help="autoencoder, text encoder, UNet; resumes where it stopped")
    train.add_argument("--vae-minutes", type=float, default=17.5)
    train.add_argument("--reading-minutes", type=float, default=3.4)
    train.add_argument("--minutes", type=float, default=97, help="for the UNet")
    train.add_argument("--seed", type=int, default=1)
    train.add_argument("--ranks", type=int, default=2, help="one-thread processes; 1 for a GPU")
    train.add_argument("--device", default="cpu")
    train.set_defaults(work=_train)
    export = verbs.add_parser("export", help="write the shipped folder from training's state")
    export.add_argument("--to", type=Path, help="instead of models/starter/weights/sd")
    export.set_defaults(work=_export)
    sample = verbs.add_parser("sample", help="draw a prompt, or a contact sheet of random ones")
    sample.add_argument("prompt", nargs="?")
    sample.add_argument("--weights", type=Path)
    sample.add_argument("--seed", type=int, default=7)
    sample.add_argument("--out", type=Path, default=Path("sample.png"))
    sample.set_defaults(work=_sample)
    args = parser.parse_args()
    return args.work(args)


if __name__ == "__main__":
    raise SystemExit(main())
