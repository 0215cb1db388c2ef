"""A local hub: speaks what huggingface_hub asks for files, and can break off in the middle of one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


@dataclass(kw_only=True)
class Hub:
    """What the server has, and what was asked of it."""

    #: By path.
    files: dict[str, bytes]
    #: A download is cut after so many bytes, and those that follow are answered 503; None: it works.
    breaks_after: int | None = None
    address: str = ""
    #: The `Range` of every download.
    ranges: list[str | None] = field(default_factory=list)


@contextmanager
def serve_hub(hub: Hub) -> Iterator[Hub]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(hub))
    hub.address = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(hub: Hub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Silent."""

        def do_HEAD(self) -> None:
            if self.path not in hub.files:
                self.send_error(404)
                return
            self._head(200, len(hub.files[self.path]))

        def do_GET(self) -> None:
            if self.path not in hub.files:
                self.send_error(404)
                return
            content = hub.files[self.path]
            asked = self.headers["Range"]
            hub.ranges.append(asked)
            if hub.breaks_after is not None and len(hub.ranges) > 1:
                self.send_error(503)
                return
            start = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
            self._head(206 if asked else 200, len(content) - start, start)
            self.wfile.write(content[start : hub.breaks_after])

        def _head(self, status: int, length: int, start: int = 0) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(length))
            self.send_header("ETag", f'"{hashlib.sha256(hub.files[self.path]).hexdigest()}"')
            self.send_header("X-Repo-Commit", "0" * 40)
            self.send_header("Accept-Ranges", "bytes")
            if status == 206:
                whole = len(hub.files[self.path])
                self.send_header("Content-Range", f"bytes {start}-{whole - 1}/{whole}")
            self.end_headers()

    return Handler
