from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.storage import DirectoryStorage
from db.engine import Database, open_database
from tests.db.studio import Studio
from tests.workers.workplace import Workplace


@pytest.fixture
def storage(tmp_path: Path) -> DirectoryStorage:
    return DirectoryStorage(tmp_path / "objects")


@pytest.fixture
def sqlite_database(sqlite_url: str) -> Iterator[Database]:
    """What PostgreSQL does otherwise is tested in `tests/db`."""
    database = open_database(sqlite_url)
    yield database
    database.close()


@pytest.fixture
def studio(sqlite_database: Database) -> Iterator[Studio]:
    """A studio whose ledger is checked at the end."""
    studio = Studio(sqlite_database)
    yield studio
    studio.check()


@pytest.fixture
def workplace(studio: Studio, storage: DirectoryStorage) -> Iterator[Workplace]:
    """A worker at work."""
    workplace = Workplace(studio, storage)
    with workplace.working():
        yield workplace
