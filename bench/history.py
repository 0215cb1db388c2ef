"""How long pages of history and gallery take in a studio that has worked for a year.

`python -m bench.history [--jobs 1000000] [--database sqlite|postgresql] [--json]`

A tenth of the jobs is made first and measured, then the rest. A page is what the action behind the command
does, rights and all: the 95th percentile of 200, in milliseconds, of the member with a quarter of all jobs.
The growth, from a tenth of the jobs to all of them, is that of the fastest tenth of the 200: whatever else
the machine does only ever adds time. Searched is for the most frequent word, for two, and for a rare one.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from statistics import quantiles

from actions.gallery import PAGE_SIZE as GALLERY_PAGE
from actions.gallery import browse
from actions.history import PAGE_SIZE, Wanted, history
from actions.person import Person
from actions.studio import Studio
from bench.figures import Figure, report
from bench.history_rows import GUILD, HEAVY, add_jobs, open_studio, settle, word
from core.gallery import Order
from core.storage import DirectoryStorage
from db.engine import Database, open_database
from db.gallery_pages import Cursor as GalleryCursor
from db.gallery_pages import gallery_page
from db.history import Cursor, own_jobs

#: A page far down: the thousandth of a million jobs' history.
JOBS_A_PAGE = 1000
ROUNDS = 200
GOAL_MS, GOAL_GROWTH = 50.0, 1.5


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Milliseconds."""

    p10: float
    p95: float


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.history", description=__doc__)
    parser.add_argument("--jobs", type=int, default=1_000_000, help="how many")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], help="one of them alone")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    options = parser.parse_args()
    kinds = [options.database] if options.database else ["sqlite", "postgresql"]
    return report([figure for kind in kinds for figure in figures(kind, options.jobs)], as_json=options.json)


def figures(kind: str, jobs: int) -> Iterator[Figure]:
    with _database(kind) as database:
        open_studio(database)
        page = jobs // JOBS_A_PAGE
        few = _grown(database, 0, jobs // 10, page)
        many = _grown(database, jobs // 10, jobs, page)
    for name, measured in many.items():
        yield Figure(name=f"{kind}: {name}, p95", value=measured.p95, unit="ms", goal=GOAL_MS, better="lower")
        growth = measured.p10 / few[name].p10
        yield Figure(name=f"{kind}: {name}, growth", value=growth, unit="×", goal=GOAL_GROWTH, better="lower")


def _grown(database: Database, first: int, end: int, page: int) -> dict[str, Measured]:
    """What pages take once there are so many jobs."""
    started = time.perf_counter()
    add_jobs(database, first, end - first)
    settle(database)
    print(f"{end:,} jobs in {time.perf_counter() - started:.0f} s", flush=True)
    return {name: _measured(look) for name, look in _looks(database, page).items()}


def _looks(database: Database, page: int) -> dict[str, Callable[[], int]]:
    """By name: what looks at a page; each says how many it found."""
    studio = Studio(
        database=database,
        storage=DirectoryStorage(Path(tempfile.gettempdir())),
        ring=lambda _: None,
        starting_credits=0,
        rng=Random(0),
    )
    person = Person(member_id=HEAVY, guild_id=GUILD, channel_id=20)
    searches = {"": "", " of a word": word(0), " of two words": f"{word(0)} {word(1)}"}
    looks: dict[str, Callable[[], int]] = {}
    for label, search in searches.items():
        wanted = Wanted(search=search)
        looks[f"history{label}, first page"] = partial(_own, studio, person, wanted, None)
        if search.count(" ") == 0:
            cursor = _own_cursor(database, page, tuple(search.split()))
            looks[f"history{label}, page {page}"] = partial(_own, studio, person, wanted, cursor)
    looks["history of a rare word"] = partial(_own, studio, person, Wanted(search=word(4000)), None)
    looks["history of a model, first page"] = partial(_own, studio, person, Wanted(model="other"), None)
    for label, search in searches.items():
        for order in Order:
            name = f"gallery, {order.value}{label}"
            looks[f"{name}, first page"] = partial(_shown, studio, person, order, search, None)
            if search.count(" ") == 0:
                after = _gallery_cursor(database, page, order, tuple(search.split()))
                looks[f"{name}, page {page}"] = partial(_shown, studio, person, order, search, after)
    return looks


def _own(studio: Studio, person: Person, wanted: Wanted, after: Cursor | None) -> int:
    return len(history(studio, person, wanted, after=after).jobs)


def _shown(studio: Studio, person: Person, order: Order, search: str, after: GalleryCursor | None) -> int:
    return len(browse(studio, person, order=order, search=search, after=after).pictures)


def _own_cursor(database: Database, page: int, words: tuple[str, ...]) -> Cursor:
    """Where the page begins that is measured."""
    with database.read() as session:
        found = own_jobs(session, HEAVY, words=words, limit=(page - 1) * PAGE_SIZE)
    assert found.older is not None, "there are too few jobs for so many pages"
    return found.older


def _gallery_cursor(database: Database, page: int, order: Order, words: tuple[str, ...]) -> GalleryCursor:
    count = (page - 1) * GALLERY_PAGE
    with database.read() as session:
        found = gallery_page(session, GUILD, order=order, words=words, limit=count)
    assert len(found) == count, "there are too few entries for so many pages"
    return GalleryCursor(votes=found[-1].votes, entry_id=found[-1].id)


def _measured(look: Callable[[], int]) -> Measured:
    assert look() > 0, "there is such a page"
    times = [_timed(look) for _ in range(ROUNDS)]
    parts = quantiles(times, n=20)
    return Measured(p10=parts[1], p95=parts[-1])


def _timed(look: Callable[[], int]) -> float:
    started = time.perf_counter()
    look()
    return (time.perf_counter() - started) * 1e3


@contextmanager
def _database(kind: str) -> Iterator[Database]:
    """An empty one with all tables, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="atelier-bench-") as folder:
        if kind == "sqlite":
            with _opened(f"sqlite:///{folder}/atelier.db") as database:
                yield database
            return
        from tests.servers import postgres_server

        with postgres_server() as url, _opened(url) as database:
            yield database


@contextmanager
def _opened(url: str) -> Iterator[Database]:
    database = open_database(url)
    try:
        database.upgrade()
        yield database
    finally:
        database.close()


if __name__ == "__main__":
    raise SystemExit(main())
