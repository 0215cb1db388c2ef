"""A process's own answer to *are you well?*: `GET /health` on 127.0.0.1.

`python -m core.health <process>` asks it, for a supervisor or a container's health check. As all processes
share their settings, each takes any free port, and writes it to `data_dir/run/<process>.health`.
"""

from __future__ import annotations

import json
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType

from core.settings import Settings, load_settings

_TIMEOUT_S = 5.0


@dataclass(frozen=True)
class CheckResult:
    """What one check found. `detail` is short and holds no secret: anybody on this machine may read it."""

    ok: bool
    detail: str = ""


Check = Callable[[], CheckResult]


def run_checks(checks: Mapping[str, Check]) -> dict[str, CheckResult]:
    """Every check's result; one that raises has failed, and its error's class is its detail."""
    return {name: _run(check) for name, check in checks.items()}


class HealthServer:
    """Answers 200 where every check is ok and 503 otherwise, with each check's result as JSON."""

    def __init__(self, process_name: str, settings: Settings, checks: Mapping[str, Check]) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(dict(checks)))
        self._server.daemon_threads = True
        # The poll is how long `close` waits, at most.
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.1,), name="health", daemon=True
        )
        self._port_file = _port_file(settings, process_name)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def start(self) -> None:
        self._thread.start()
        self._port_file.parent.mkdir(parents=True, exist_ok=True)
        self._port_file.write_text(str(self.port))

    def close(self) -> None:
        self._port_file.unlink(missing_ok=True)
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> HealthServer:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def ask(process_name: str, settings: Settings) -> tuple[bool, str]:
    """What the process of this name on this machine answers: whether it is well, and its words."""
    path = _port_file(settings, process_name)
    try:
        port = int(path.read_text())
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=_TIMEOUT_S) as answer:
            return True, answer.read().decode()
    except urllib.error.HTTPError as error:
        return False, error.read().decode()
    except (OSError, ValueError) as error:
        return False, f"{process_name} does not answer ({path}: {error})"


def _run(check: Check) -> CheckResult:
    try:
        return check()
    except Exception as error:
        # Its text may hold an address with a password, so only its class is told.
        return CheckResult(False, type(error).__name__)


def _port_file(settings: Settings, process_name: str) -> Path:
    return settings.data_dir / "run" / f"{process_name}.health"


def _handler(checks: dict[str, Check]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path != "/health":
                self.send_error(404)
                return
            results = run_checks(checks)
            well = all(result.ok for result in results.values())
            body = {"ok": well, "checks": {name: asdict(result) for name, result in results.items()}}
            self._answer(200 if well else 503, json.dumps(body).encode())

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: a health check every few seconds would drown the log."""

    return Handler


def main(arguments: list[str]) -> int:
    """Ask the process named on the command line; 0 where it is well."""
    if len(arguments) != 1:
        print("usage: python -m core.health <process>", file=sys.stderr)
        return 2
    well, words = ask(arguments[0], load_settings())
    print(words)
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
