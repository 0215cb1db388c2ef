"""`python -m bench.eta`: how right the times are that members are told, and who waits for whom."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from statistics import median, quantiles

from bench.crowd import Crowd, Order, Told, mixed_orders
from bench.figures import Figure, report
from bench.virtual_time import virtual_time
from db.engine import Database, open_database

#: Orders before those that count: the studio's first ones teach it how fast it is.
WARM_UP = 30
ORDERS = 220


def estimates(database: Database, *, seed: int = 0) -> list[Told]:
    """What members are told on a lively evening, for `ORDERS` jobs."""
    with virtual_time(database):
        told = Crowd(database, seed=seed).play(mixed_orders(WARM_UP + ORDERS, seed=seed))
    return sorted(told, key=lambda each: each.order.at)[WARM_UP:]


def served_before(database: Database, *, many: int = 200, few: int = 5, others: int = 9) -> int:
    """How many jobs of a member with `many` are done when the last of `others` with `few` each is."""
    orders = [Order(at=0.01 * number, member=1) for number in range(many)]
    orders += [
        Order(at=10.0 + member + 0.1 * number, member=member)
        for member in range(2, 2 + others)
        for number in range(few)
    ]
    with virtual_time(database):
        done = [told.order.member for told in Crowd(database, tells=False).play(orders)]
    last = max(place for place, member in enumerate(done) if member != 1)
    return done[:last].count(1)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    as_json = parser.parse_args().json
    with tempfile.TemporaryDirectory() as folder:
        errors = [told.error for told in estimates(_fresh(Path(folder) / "eta.db"))]
        first = served_before(_fresh(Path(folder) / "fair.db"))
    figures = [
        Figure(name="ETA off by, median", value=median(errors), unit="of the time", goal=0.3, better="lower"),
        Figure(name="ETA off by, p90", value=p90(errors), unit="of the time", goal=1.0, better="lower"),
        Figure(
            name="jobs of a member with 200 before nine with 5 are done",
            value=first,
            unit="jobs",
            goal=59,
            better="lower",
        ),
    ]
    return report(figures, as_json=as_json)


def p90(values: list[float]) -> float:
    return quantiles(values, n=10)[-1]


def _fresh(path: Path) -> Database:
    database = open_database(f"sqlite:///{path}")
    database.upgrade()
    return database


if __name__ == "__main__":
    sys.exit(main())
