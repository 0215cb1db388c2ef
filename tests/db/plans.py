"""How a database goes about what it is asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import event

from db.engine import Database


def plans_of(database: Database, act: Callable[[], object], words: str = "") -> list[str]:
    """How it answers each SELECT that holds the words, of those that the act makes."""
    seen: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        seen.append((statement, parameters))

    engine = database.engine
    event.listen(engine, "before_cursor_execute", note)
    act()
    event.remove(engine, "before_cursor_execute", note)
    explain = "EXPLAIN " if engine.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN "
    asked = [each for each in seen if each[0].startswith("SELECT") and words in each[0]]
    with database.read() as session:
        connection = session.connection()
        return [
            "\n".join(str(row[-1]) for row in connection.exec_driver_sql(explain + statement, parameters))
            for statement, parameters in asked
        ]
