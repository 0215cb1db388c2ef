"""The supervisor restarts what dies and stops everything that it started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from launch import supervision
from launch.processes import Process

_T = TypeVar("_T")

_SLEEPER = (
    "import pathlib, os, sys, time; pathlib.Path(sys.argv[1]).write_text(str(os.getpid())); time.sleep(600)"
)


@pytest.fixture
def pid_file(tmp_path: Path) -> Iterator[Path]:
    """A supervised process writes its id here; the supervisor is stopped at the end."""
    path = tmp_path / "50% of it.pid"
    process = Process(name="sleeper", command=(sys.executable, "-c", _SLEEPER, str(path)))
    supervisor = supervision.start(supervision.write_config([process], tmp_path, tmp_path))
    try:
        yield path
    finally:
        supervision.stop(supervisor)


def test_what_dies_comes_back(pid_file: Path) -> None:
    first = _wait_for(lambda: _pid(pid_file))
    os.kill(first, signal.SIGKILL)
    second = _wait_for(lambda: _pid(pid_file, other_than=first))
    assert _alive(second)


def test_stop_ends_every_process(tmp_path: Path) -> None:
    path = tmp_path / "pid"
    process = Process(name="sleeper", command=(sys.executable, "-c", _SLEEPER, str(path)))
    supervisor = supervision.start(supervision.write_config([process], tmp_path, tmp_path))
    pid = _wait_for(lambda: _pid(path))
    supervision.stop(supervisor)
    assert supervisor.returncode is not None
    assert not _alive(pid)


def test_environment_reaches_the_process(tmp_path: Path) -> None:
    path = tmp_path / "value"
    code = "import os, pathlib, sys; pathlib.Path(sys.argv[1]).write_text(os.environ['WORD'])"
    process = Process(
        name="echo", command=(sys.executable, "-c", code, str(path)), environment={"WORD": "100% well, kept"}
    )
    supervisor = supervision.start(supervision.write_config([process], tmp_path, tmp_path))
    try:
        assert _wait_for(lambda: path.exists() and path.read_text()) == "100% well, kept"
    finally:
        supervision.stop(supervisor)


def _pid(path: Path, other_than: int | None = None) -> int | None:
    text = path.read_text() if path.exists() else ""
    pid = int(text) if text else None
    return None if pid == other_than else pid


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _wait_for(answer: Callable[[], _T | None], timeout_s: float = 20) -> _T:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        value = answer()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")


def test_nothing_outlives_a_launcher_that_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "pid"
    process = Process(name="sleeper", command=(sys.executable, "-c", _SLEEPER, str(path)))
    config = supervision.write_config([process], tmp_path, tmp_path)
    code = (
        "import sys, pathlib; from launch.supervision import start; start(pathlib.Path(sys.argv[1])).wait()"
    )
    launcher = subprocess.Popen([sys.executable, "-c", code, str(config)], cwd=Path(__file__).parents[2])
    pid = _wait_for(lambda: _pid(path))
    launcher.kill()
    launcher.wait()
    _wait_for(lambda: not _alive(pid))
