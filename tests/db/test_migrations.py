"""The migrations and the tables say the same, upwards and downwards, on both kinds of database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData, inspect
from sqlalchemy.engine.reflection import Inspector

from db.engine import Database
from db.migrate import migrate
from db.tables import Base


def test_the_migrations_make_the_tables(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []


def test_every_check_is_in_the_migrations(database: Database) -> None:
    # Alembic does not compare CHECK constraints.
    with database.engine.connect() as connection:
        migrated = {name: _checks(inspect(connection), name) for name in Base.metadata.tables}
        _drop_all(connection)
        Base.metadata.create_all(connection)
        declared = {name: _checks(inspect(connection), name) for name in Base.metadata.tables}
        connection.rollback()
    assert migrated == declared
    assert any(declared.values())


def _drop_all(connection: Connection) -> None:
    """Drop all tables within the connection's transaction."""
    reflected = MetaData()
    reflected.reflect(connection)
    reflected.drop_all(connection)


def _checks(inspector: Inspector, table: str) -> list[tuple[str | None, str]]:
    return sorted((check["name"], check["sqltext"]) for check in inspector.get_check_constraints(table))


def test_down_and_up_again(database: Database) -> None:
    migrate(database.engine, "downgrade", "base")
    with database.engine.connect() as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]
    database.upgrade()
    with database.engine.connect() as connection:
        tables = set(inspect(connection).get_table_names())
    assert tables == {*Base.metadata.tables, "alembic_version"}


def test_processes_that_start_together_migrate_once(database: Database) -> None:
    migrate(database.engine, "downgrade", "base")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: database.upgrade(), range(4)))
    with database.engine.connect() as connection:
        assert "jobs" in inspect(connection).get_table_names()
