"""Every mode's meaning on the starter model.

    OMP_NUM_THREADS=1 python -m bench.meaning [--json] [--cases 50] [--only img2img inpaint ...]

At least 50 seeded cases a mode; `tests/meaning` runs the first 12 of them.
"""

from __future__ import annotations

import argparse
import os
import sys
from types import ModuleType

# Two threads that spin against each other cost more than either gains; and nothing here needs the network.
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["HF_HUB_OFFLINE"] = "1"

from bench.figures import Figure, report
from bench.meaning import modes


def measure(mode: ModuleType, count: int) -> Figure:
    """The share of the mode's cases that hold."""
    from bench.meaning.cases import failing
    from core.settings import STARTER_MODEL_DIR
    from models.addons import find_addons
    from models.catalogue import find_models
    from models.engine.engine import Engine

    directories = [STARTER_MODEL_DIR]
    engine = Engine(find_models(directories), device="cpu", addons=find_addons(directories))
    failed = failing(engine, mode.cases(count))
    engine.close()
    for name in failed:
        print(f"  {mode.TITLE}: not with {name}", file=sys.stderr)
    return Figure(name=mode.TITLE, value=1 - len(failed) / count, unit="", goal=mode.GOAL, better="higher")


def main() -> int:
    known = modes()
    parser = argparse.ArgumentParser(prog="python -m bench.meaning", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--cases", type=int, default=50, help="seeded cases a mode (default 50)")
    parser.add_argument("--only", nargs="+", choices=known, default=list(known), metavar="MODE")
    arguments = parser.parse_args()
    figures = [measure(known[name], arguments.cases) for name in arguments.only]
    return report(figures, as_json=arguments.json)


if __name__ == "__main__":
    sys.exit(main())
