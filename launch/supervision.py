"""A supervisord that restarts what dies: its configuration, its start and its end."""

from __future__ import annotations

import configparser
import ctypes
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from launch.processes import Process

#: A process that dies sooner than this after its start counts as a failed start.
_SETTLE_S = 1
_START_RETRIES = 100
_PR_SET_PDEATHSIG = 1


def write_config(processes: Iterable[Process], run_dir: Path, log_dir: Path) -> Path:
    """Write supervisord's configuration below `run_dir` and return its path."""
    config = configparser.RawConfigParser()
    config["supervisord"] = {
        "nodaemon": "true",
        "silent": "true",
        "user": _user(),
        "logfile": str(log_dir / "supervisor.log"),
        "pidfile": str(run_dir / "supervisor.pid"),
        "minfds": "1024",
    }
    for process in processes:
        config[f"program:{process.name}"] = _program(process, log_dir)
    path = run_dir / "supervisord.conf"
    with path.open("w") as file:
        config.write(file)
    return path


def start(config: Path, environment: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
    """Start supervisord in a session of its own; it stops everything when told to, or when the caller dies.

    A closed terminal would send it SIGHUP, which it takes as *restart everything*.
    """
    return subprocess.Popen(
        [sys.executable, "-m", "supervisor.supervisord", "-c", str(config)],
        env={**os.environ, **(environment or {})},
        start_new_session=True,
        preexec_fn=_stop_with_parent,
    )


def stop(supervisor: subprocess.Popen[bytes], timeout_s: float = 60) -> None:
    """Ask supervisord to stop everything that it started, and wait for its end."""
    if supervisor.poll() is None:
        supervisor.send_signal(signal.SIGTERM)
    try:
        supervisor.wait(timeout_s)
    except subprocess.TimeoutExpired:
        supervisor.kill()
        supervisor.wait()


def _stop_with_parent() -> None:
    """Have the kernel send SIGTERM when the parent ends, however it ends (prctl(2), PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _program(process: Process, log_dir: Path) -> dict[str, str]:
    return {
        "command": _escaped(shlex.join(process.command)),
        "environment": _environment(process.environment),
        "priority": str(process.priority),
        "autorestart": "true",
        "startsecs": str(_SETTLE_S),
        "startretries": str(_START_RETRIES),
        "stopwaitsecs": str(process.stop_wait_s),
        "stopasgroup": "true",
        "killasgroup": "true",
        "redirect_stderr": "true",
        "stdout_logfile": _escaped(str(log_dir / f"{process.name}.log")),
        "stdout_logfile_maxbytes": "10MB",
        "stdout_logfile_backups": "3",
    }


def _environment(variables: Mapping[str, str]) -> str:
    return ",".join(f'{name}="{_escaped(value)}"' for name, value in variables.items())


def _escaped(text: str) -> str:
    # supervisord expands %(name)s in its values.
    return text.replace("%", "%%")


def _user() -> str:
    import getpass

    return getpass.getuser()


def program_names(processes: Sequence[Process]) -> str:
    """The names as people read them: "redis, worker, keeper and bot"."""
    *first, last = [process.name for process in processes]
    return f"{', '.join(first)} and {last}" if first else last
