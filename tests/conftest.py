"""Fixtures that tests of every part share: real databases and a real Redis."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
import redis
from sqlalchemy import make_url

from db.engine import Database, open_database
from tests.servers import postgres_server, redis_server


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Slow tests begin first: of two files at a time, the last must not be the longest."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(scope="session")
def _postgres() -> Iterator[str]:
    with postgres_server() as url:
        yield url


@pytest.fixture(scope="session")
def _postgres_names(_postgres: str) -> Iterator[Iterator[str]]:
    """Names for databases, and the template that they are copied from: the migrations run once."""
    prefix = f"atelier_{uuid4().hex[:8]}"
    template = f"{prefix}_template"
    _postgres_command(_postgres, f'CREATE DATABASE "{template}"')
    database = open_database(_database_url(_postgres, template))
    database.upgrade()
    database.close()
    yield (f"{prefix}_{number}" for number in count())
    _postgres_command(_postgres, f'DROP DATABASE "{template}"')


@pytest.fixture
def postgres_url(_postgres: str, _postgres_names: Iterator[str]) -> Iterator[str]:
    """URL of a fresh PostgreSQL database with all tables."""
    name = next(_postgres_names)
    template = f"{name.rpartition('_')[0]}_template"
    _postgres_command(_postgres, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    yield _database_url(_postgres, name)
    _postgres_command(_postgres, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    database = open_database(f"sqlite:///{path}")
    database.upgrade()
    database.close()
    return path


@pytest.fixture
def sqlite_url(_sqlite_template: Path, tmp_path: Path) -> str:
    """URL of a fresh SQLite database with all tables."""
    path = tmp_path / "atelier.db"
    shutil.copy(_sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """URL of a fresh database with all tables, once on each kind."""
    fixture = {"sqlite": "sqlite_url", "postgresql": "postgres_url"}[request.param]
    url: str = request.getfixturevalue(fixture)
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A fresh database with all tables, once on each kind."""
    opened = open_database(database_url)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def _redis() -> Iterator[str]:
    with redis_server() as url:
        yield url


@pytest.fixture
def redis_url(_redis: str) -> str:
    """URL of an empty Redis."""
    with redis.Redis.from_url(_redis) as client:
        client.flushdb()
    return _redis


def _postgres_command(url: str, command: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(command)


def _database_url(server_url: str, name: str) -> str:
    return make_url(server_url).set(database=name).render_as_string(hide_password=False)
