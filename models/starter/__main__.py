"""``python -m models.starter train|export|sample``: make the starter model again, from nothing."""

from __future__ import annotations

import argparse
from pathlib import Path


def _train(args: argparse.Namespace) -> int:
    from models.starter import crew, diffusion, vae

    common = {"folder": args.folder, "seed": args.seed, "ranks": args.ranks, "device": args.device}
    if not (args.folder / "vae" / "config.json").exists():
        crew.run(vae.train, crew.Job(seconds=args.vae_minutes * 60, rate=2e-3, **common), port=29517)
    crew.run(diffusion.train, crew.Job(seconds=args.minutes * 60, **common), port=29518)
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m models.starter", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("data/train"), help="where training keeps its state")
    verbs = parser.add_subparsers(dest="verb", required=True)
    train = verbs.add_parser("train", help="the autoencoder, then text encoder and UNet; resumes where it stopped")
    train.add_argument("--vae-minutes", type=float, default=22)
    train.add_argument("--minutes", type=float, default=102, help="for text encoder and UNet")
    train.add_argument("--seed", type=int, default=1)
    train.add_argument("--ranks", type=int, default=2, help="one-thread processes; 1 for a GPU")
    train.add_argument("--device", default="cpu")
    train.set_defaults(work=_train)
    args = parser.parse_args()
    return args.work(args)


if __name__ == "__main__":
    raise SystemExit(main())
