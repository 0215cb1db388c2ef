"""Alembic's entry point: `db.migrate` passes a connection, the `alembic` command reads the settings."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from core.settings import load_settings
from db.engine import open_database
from db.tables import Base


def run(connection: Connection) -> None:
    # SQLite alters tables by copying them (batch mode).
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    database = open_database(load_settings().database_url)
    with database.engine.begin() as opened:
        run(opened)
    database.close()
