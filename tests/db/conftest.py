from __future__ import annotations

from collections.abc import Iterator

import pytest

from db.engine import Database
from tests.db.studio import Studio


@pytest.fixture
def studio(database: Database) -> Iterator[Studio]:
    """A studio with one worker on each kind of database; what must always hold is checked at the end."""
    studio = Studio(database)
    studio.worker()
    yield studio
    studio.check()
