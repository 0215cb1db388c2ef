"""INSERT that happens once: a row whose key exists is left as it is."""

from __future__ import annotations

from typing import Any

from sqlalchemy import literal_column
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from db.base import Base


def insert_once(session: Session, table: type[Base], **values: Any) -> bool:
    """Insert a row unless one of its unique keys is taken; True where it was inserted.

    On PostgreSQL it waits for a transaction that is inserting the same key right now.
    """
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    insert: Any = sqlite.insert(table) if is_sqlite else postgresql.insert(table)
    # Rowcount would not do: psycopg says -1 where SQLAlchemy fetches a generated key.
    insert = insert.values(**values).on_conflict_do_nothing()
    return session.connection().execute(insert.returning(literal_column("1"))).first() is not None
