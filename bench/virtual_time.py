"""A clock of the database that moves only when it is told to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session

from db.clock import now
from db.engine import Database


@contextmanager
def virtual_time(database: Database) -> Iterator[None]:
    """SQL's `now()` reads the time from a table while inside."""
    with database.begin() as session:
        session.execute(text("CREATE TABLE virtual_time (seconds DOUBLE PRECISION NOT NULL)"))
        session.execute(text("INSERT INTO virtual_time VALUES (1000000000.0)"))
    dispatcher: Any = now.__dict__["_compiler_dispatcher"]
    kept = dict(dispatcher.specs)
    compiles(now)(lambda *_, **__: "(SELECT seconds FROM virtual_time)")
    dispatcher.specs = {"default": dispatcher.specs["default"]}
    database.engine.clear_compiled_cache()
    try:
        yield
    finally:
        dispatcher.specs = kept
        database.engine.clear_compiled_cache()
        with database.begin() as session:
            session.execute(text("DROP TABLE virtual_time"))


def pass_time(session: Session, seconds: float) -> None:
    """Move the clock on, inside `virtual_time`."""
    moved = text("UPDATE virtual_time SET seconds = seconds + :passed")
    session.execute(moved, {"passed": seconds})
