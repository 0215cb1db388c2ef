"""The database's clock, the only one that leases, ages and due times are read from.

Times are seconds since 1970 (UTC) as floating point, so that `now() + lease_s` reads the same on SQLite and
PostgreSQL, and a process whose own clock is wrong can neither lose nor steal a lease.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Double
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class now(FunctionElement[float]):  # noqa: N801 - reads as the SQL function it is
    """Seconds since 1970 by the database's clock, to a millisecond or better; fixed within one statement."""

    type = Double()
    inherit_cache = True


@compiles(now, "postgresql")
def _postgresql(_element: now, _compiler: SQLCompiler, **_: Any) -> str:
    # Not now(): that is the transaction's start, and a claim that waited for a lock would get a short lease.
    return "EXTRACT(EPOCH FROM statement_timestamp())::double precision"


@compiles(now, "sqlite")
def _sqlite(_element: now, _compiler: SQLCompiler, **_: Any) -> str:
    # 2440587.5 is the Julian day of 1970-01-01T00:00Z; unixepoch('subsec') would need SQLite 3.42.
    return "((julianday('now') - 2440587.5) * 86400.0)"
