"""Opening the database: one class over SQLite and PostgreSQL, with transactions as context managers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL, ExceptionContext
from sqlalchemy.orm import Session

#: Seconds that a SQLite writer waits for the writers before it.
_BUSY_TIMEOUT_S = 30.0
#: Each of a worker's jobs (up to 32 on 16 rows) has a thread that may write, and there are others.
_MOST_CONNECTIONS = 48


class Database:
    """A pool of connections. Safe to share between threads; a `Session` is not."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._readers = engine.execution_options(atelier_begin="BEGIN")
        self._writers = engine.execution_options(atelier_begin="BEGIN IMMEDIATE")

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """One writing transaction: committed at the end of the block, rolled back when it raises.

        On SQLite it takes the write lock at once. A transaction that began by reading would fail with
        "database is locked", without waiting, where another writer came between.
        """
        with Session(self._writers, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """One reading transaction; what it would write is rolled back."""
        with Session(self._readers, expire_on_commit=False) as session:
            yield session

    def upgrade(self) -> None:
        """Bring the tables to the newest schema; does nothing where they are."""
        # Alembic takes longer to import than the bot has to spare, and only the first start needs it.
        from db.migrate import migrate

        migrate(self.engine, "upgrade", "head")

    def close(self) -> None:
        self.engine.dispose()


def open_database(url: str) -> Database:
    """Connect lazily to `sqlite:///path` or `postgresql://...` (psycopg 3)."""
    parsed = make_url(url)
    return Database(_sqlite(parsed) if parsed.get_backend_name() == "sqlite" else _postgresql(parsed))


def _postgresql(url: URL) -> Engine:
    # The ping before use mends connections that a restart of the server has cut.
    engine = _engine(url.set(drivername="postgresql+psycopg"), pool_pre_ping=True)
    event.listen(engine, "handle_error", _forget_the_row)
    return engine


def _sqlite(url: URL) -> Engine:
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = _engine(url, connect_args={"timeout": _BUSY_TIMEOUT_S})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _engine(url: URL, **options: Any) -> Engine:
    # Parameters hold prompts and tokens, and errors are logged.
    return create_engine(
        url, hide_parameters=True, pool_size=10, max_overflow=_MOST_CONNECTIONS - 10, **options
    )


def _forget_the_row(context: ExceptionContext) -> None:
    """Take what PostgreSQL tells of a row that broke a constraint, all its values, out of the error."""
    from psycopg.errors import IntegrityError

    original = context.original_exception
    detail = original.diag.message_detail if isinstance(original, IntegrityError) else None
    for error in (original, context.sqlalchemy_exception):
        if detail and error is not None:
            error.args = (str(error.args[0]).replace(detail, "not shown"), *error.args[1:])


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # Python's sqlite3 would begin transactions on its own, late and deferred; `_begin_sqlite` does it.
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("atelier_begin", "BEGIN IMMEDIATE"))
