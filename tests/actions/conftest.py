from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from actions.studio import Studio
from core.storage import DirectoryStorage
from db.engine import Database
from db.workers import WorkerInfo, register_worker
from tests.model_specs import model_spec


@pytest.fixture
def rings() -> list[str]:
    """Job ids that the doorbell rang for."""
    return []


@pytest.fixture
def studio(database: Database, tmp_path: Path, rings: list[str]) -> Iterator[Studio]:
    """What actions need, on each kind of database, with one worker that has the model "starter"."""
    with database.begin() as session:
        register_worker(session, WorkerInfo(id="w", host="h", device="cpu"), [model_spec()])
    yield Studio(
        database=database,
        storage=DirectoryStorage(tmp_path),
        ring=rings.append,
        starting_credits=100,
        rng=Random(0),
    )
