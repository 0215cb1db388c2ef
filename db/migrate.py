"""Running Alembic from the program, on connections that are open already."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, text

_MIGRATIONS = Path(__file__).parent.parent / "migrations"

#: Any number: it keeps bot, worker and keeper that start together from migrating together.
_LOCK = 7_402_231


def migrate(engine: Engine, direction: Literal["upgrade", "downgrade"], revision: str) -> None:
    """Move the schema to a revision ("head", "base" or an id) in one transaction.

    Processes that call it at once do so one after another.
    """
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        config.attributes["connection"] = connection
        getattr(command, direction)(config, revision)
